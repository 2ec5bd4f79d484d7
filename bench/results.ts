import type { Spread } from './measure.js';
import type { BenchServer } from './server.js';

/** One measured figure. */
export interface Result {
  /** Name of the bench that took it. */
  readonly bench: string;
  readonly what: string;
  readonly figure: Spread;
  /** times, seconds, rows/s, MB … */
  readonly unit: string;
  /** What is aimed at, as text. */
  readonly target?: string;
  readonly note?: string;
}

/** A bench prints what it finds as it goes, and gives it back. */
export interface Bench {
  readonly name: string;
  readonly what: string;
  run(context: BenchContext): Promise<void>;
}

export interface BenchContext {
  readonly rows: number;
  readonly runs: number;
  /** True: the sizes that the targets speak of, which take long. */
  readonly full: boolean;
  /** Started when first asked for, shared by all benches. */
  server(): Promise<BenchServer>;
  report(result: Omit<Result, 'bench'>): void;
  note(text: string): void;
}

export function figureText({ median, least, greatest }: Spread, unit: string): string {
  const spread = least === greatest ? '' : ` (${rounded(least)}–${rounded(greatest)})`;
  return `${rounded(median)}${spread} ${unit}`;
}

function rounded(value: number): string {
  if (value >= 1_000) return Math.round(value).toLocaleString('en');
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
