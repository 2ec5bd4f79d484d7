/** What one run of some work took. */
export interface Sample {
  readonly seconds: number;
  /** Processor seconds of this process, user and system: the server runs in a process of its own. */
  readonly cpu: number;
}

/** Times one run of the work. */
export async function measure(work: () => Promise<unknown>): Promise<Sample> {
  const cpuBefore = process.cpuUsage();
  const before = process.hrtime.bigint();
  await work();
  const seconds = Number(process.hrtime.bigint() - before) / 1e9;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { seconds, cpu: (user + system) / 1e6 };
}

/**
 * Runs the works in turn, round after round, so that a machine that gets slower or faster meanwhile does so for all.
 * A first round that is not counted warms caches and compilers.
 */
export async function inTurn<Name extends string>(
  runs: number,
  works: Readonly<Record<Name, () => Promise<Sample>>>,
  warmUp = true,
): Promise<Record<Name, Sample[]>> {
  const names = Object.keys(works) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, [] as Sample[]])) as unknown as Record<Name, Sample[]>;
  for (let round = warmUp ? -1 : 0; round < runs; round += 1) {
    for (const name of names) {
      const sample = await works[name]();
      if (round >= 0) samples[name].push(sample);
    }
  }
  return samples;
}

/** Median with least and greatest. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly greatest: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  const median = sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
  return { median, least: sorted[0] ?? NaN, greatest: sorted.at(-1) ?? NaN };
}

/** Quotients run by run: what a drifting machine does to both cancels out. */
export function ratios(
  above: readonly Sample[],
  below: readonly Sample[],
  figure: (sample: Sample) => number = ({ seconds }) => seconds,
): Spread {
  return spreadOf(above.map((sample, run) => figure(sample) / figure(below[run] ?? { seconds: NaN, cpu: NaN })));
}
