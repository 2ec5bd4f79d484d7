import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ConnectionSettings } from '../src/sqlserver/connectionSettings.js';
import { DestinationSession } from '../src/sqlserver/session.js';
import { createCopies, dropCopies, type TableCopy } from './copies.js';
import { prepareEnvironments, type BenchEnvironments } from './environments.js';
import { inTurn, measure, ratios, spreadOf, type Sample } from './measure.js';
import { salesFactory } from './model.js';
import { planFor, plannedRows, timeRefresh } from './refreshPath.js';
import type { Bench } from './results.js';

/** As many rows as a page of the refresh. */
const batchRows = 20_000;

/** Character format with terminators that no value holds: FreeTDS 1.3 does not read back the NULLs of its native format. */
const format = ['-c', '-t', '|~|', '-r', '|#|\n', '-A', '16383'];

/** The refresh against FreeTDS' bulk copy program, a client that shares no code with it. */
export const freebcp: Bench = {
  name: 'freebcp',
  what: 'data path against freebcp, out of the source and into empty copies',
  async run({ server, rows, runs, report, note }) {
    if (!(await isInstalled())) {
      note('not measured: there is no freebcp on the PATH (Debian: freetds-bin)');
      return;
    }
    const environments = await prepareEnvironments(await server(), salesFactory(), rows);
    try {
      const moved = plannedRows(environments, await planFor(environments, 'generate'));
      const samples = await inTurn(runs, {
        freebcp: () => timeFreebcp(environments, moved),
        translated: () => timeRefresh(environments, 'generate'),
        preserved: () => timeRefresh(environments, 'preserve'),
      });
      const perSecond = spreadOf(samples.freebcp.map(({ seconds }) => moved / seconds));
      report({ what: `freebcp, ${moved} rows`, figure: perSecond, unit: 'rows/s' });
      for (const name of ['translated', 'preserved'] as const) {
        report({
          what: `rows/s of the refresh to those of freebcp, ${name} keys`,
          figure: ratios(samples.freebcp, samples[name]),
          unit: 'times',
          target: 'at least 1.0',
        });
      }
    } finally {
      await environments.drop();
    }
  },
};

async function isInstalled(): Promise<boolean> {
  const child = spawn('freebcp', ['-v'], { stdio: 'ignore' });
  const [outcome] = (await Promise.race([once(child, 'close'), once(child, 'error')])) as [unknown];
  return !(outcome instanceof Error);
}

/** Every table out to a file and from there into an empty copy; counts the rows that arrived. */
async function timeFreebcp(environments: BenchEnvironments, moved: number): Promise<Sample> {
  const plan = await planFor(environments, 'preserve');
  const folder = await mkdtemp(join(tmpdir(), 'refresh-bench-freebcp-'));
  const destination = await DestinationSession.open(environments.destination);
  try {
    const copies = await createCopies(destination, plan, 'freebcp');
    const sample = await measure(async () => {
      for (const copy of copies) await moveTable(environments, copy, join(folder, 'rows'));
    });
    const counts = copies.map(({ table }) => `(SELECT COUNT(*) FROM ${table})`);
    const [row] = await destination.rows(`SELECT ${counts.join(' + ')};`);
    if (Number(row?.[0]) !== moved) throw new Error(`freebcp loaded ${String(row?.[0])} of ${moved} rows`);
    await dropCopies(destination, copies);
    return sample;
  } finally {
    destination.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function moveTable({ source, destination }: BenchEnvironments, copy: TableCopy, file: string): Promise<void> {
  const query = `SELECT ${copy.columns.map((column) => column.source).join(', ')} FROM ${copy.source}`;
  await copyProgram(source, [query, 'queryout', file]);
  await copyProgram(destination, [copy.table, 'in', file, '-b', String(batchRows)]);
}

async function copyProgram(settings: ConnectionSettings, what: readonly string[]): Promise<void> {
  const { server, port, user, password, database } = settings;
  const login = ['-S', `${server}:${port}`, '-U', user, '-P', password, '-D', database];
  await promisify(execFile)('freebcp', [...what, ...login, ...format], {
    env: { ...process.env, TDSVER: '7.4' },
    maxBuffer: 1 << 26,
  });
}
