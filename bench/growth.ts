import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { tsxArguments } from '../sandbox/processes.js';
import { prepareEnvironments, type BenchEnvironments } from './environments.js';
import { spreadOf } from './measure.js';
import { largeValues, salesFactory } from './model.js';
import { planFor, plannedRows } from './refreshPath.js';
import type { FactoryModel } from '../sandbox/factories/model.js';
import type { Bench, BenchContext } from './results.js';

/** What a process of its own measured of one data path: see growthProcess.ts. */
export interface GrowthFigures {
  readonly seconds: number;
  readonly peakMegabytes: number;
}

/** Time and memory against the number of rows, and with large values; each size in a process of its own. */
export const growth: Bench = {
  name: 'growth',
  what: 'ten times the rows, and the memory of the worker',
  async run(context) {
    const { report, full, rows } = context;
    const few = full ? 200_000 : Math.max(1_000, Math.floor(rows / 10));
    const small = await figuresOf(context, salesFactory(), few);
    const big = await figuresOf(context, salesFactory(), few * 10);
    report({
      what: `time for ${big.rows} rows to that for ${small.rows}`,
      figure: spreadOf([(big.seconds / small.seconds) * ((10 * small.rows) / big.rows)]),
      unit: 'times',
      target: 'at most 10.5',
    });
    report({ what: `peak memory at ${small.rows} rows`, figure: spreadOf([small.peakMegabytes]), unit: 'MB' });
    report({
      what: `peak memory at ${big.rows} rows to that at ${small.rows}`,
      figure: spreadOf([big.peakMegabytes / small.peakMegabytes]),
      unit: 'times',
      target: 'at most 1.1',
    });
    const binaries = await figuresOf(context, largeValues('binary'), full ? 200 : 40);
    report({
      what: `peak memory, ${binaries.rows} rows of 2 MB`,
      figure: spreadOf([binaries.peakMegabytes]),
      unit: 'MB',
    });
    const texts = await figuresOf(context, largeValues('text'), full ? 100_000 : 10_000);
    report({
      what: `peak memory, ${texts.rows} texts of 2,000 characters`,
      figure: spreadOf([texts.peakMegabytes]),
      unit: 'MB',
    });
  },
};

async function figuresOf(
  { server }: BenchContext,
  model: FactoryModel,
  rows: number,
): Promise<GrowthFigures & { readonly rows: number }> {
  const environments = await prepareEnvironments(await server(), model, rows);
  try {
    const moved = plannedRows(environments, await planFor(environments, 'generate'));
    return { ...(await measureInProcess(environments)), rows: moved };
  } finally {
    await environments.drop();
  }
}

async function measureInProcess({ configurationText, variables }: BenchEnvironments): Promise<GrowthFigures> {
  const script = fileURLToPath(new URL('./growthProcess.ts', import.meta.url));
  const child = spawn(process.execPath, [...tsxArguments(), script], { stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (text: Buffer) => (output += text.toString()));
  child.stdin.end(JSON.stringify({ configurationText, variables }));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the measured process ended with ${code}`);
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as GrowthFigures;
}
