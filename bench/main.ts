/**
 * `npm run bench -- [NAME…] [--rows N] [--runs N] [--full] [--save]`: takes the figures of docs/performance.md. All of
 * a bench's figures come from one server and one set of data; with `--save` they replace the table and the plot there.
 */
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { floor } from './floor.js';
import { freebcp } from './freebcp.js';
import { growth } from './growth.js';
import { literal } from './literal.js';
import { savePage } from './performancePage.js';
import { planning } from './planning.js';
import { queries } from './queries.js';
import { workflow } from './workflow.js';
import { figureText, type Bench, type BenchContext, type Result } from './results.js';
import { startServer, type BenchServer } from './server.js';

const benches: readonly Bench[] = [floor, freebcp, literal, workflow, growth, planning, queries];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: 'string' },
    runs: { type: 'string', default: '3' },
    full: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
  },
});

const chosen = benches.filter(
  ({ name }) => positionals.length === 0 || positionals.some((each) => name.includes(each)),
);
if (chosen.length === 0) {
  process.stderr.write(`No bench of that name. There are: ${benches.map(({ name }) => name).join(', ')}.\n`);
  process.exit(2);
}

/** Without `--full` all benches together take some ten minutes. */
const rows = Number(values.rows ?? (values.full ? 300_000 : 30_000));

const results: Result[] = [];
let started: Promise<BenchServer> | undefined;
const server = (): Promise<BenchServer> => (started ??= startServer());

try {
  for (const bench of chosen) {
    process.stdout.write(`\n${bench.name}: ${bench.what}\n`);
    await bench.run(contextOf(bench.name));
  }
  const engine = (await started)?.engine ?? 'none';
  const size = values.full ? 'Full sizes' : `${rows.toLocaleString('en')} rows asked for`;
  if (values.save) await savePage(results, engine, `${size}, ${values.runs} runs at most, ${loadText()}`);
} finally {
  await (await started)?.stop();
}

/** How busy the machine was besides: figures of a busy one are worth less. */
function loadText(): string {
  return `${availableParallelism()} cores, load ${loadavg()[2]?.toFixed(1) ?? 'unknown'}`;
}

function contextOf(bench: string): BenchContext {
  return {
    rows,
    runs: Number(values.runs),
    full: values.full,
    server,
    report: (result) => {
      results.push({ bench, ...result });
      const target = result.target === undefined ? '' : `   [target ${result.target}]`;
      process.stdout.write(`  ${result.what}: ${figureText(result.figure, result.unit)}${target}\n`);
    },
    note: (text) => process.stdout.write(`  ${text}\n`),
  };
}
