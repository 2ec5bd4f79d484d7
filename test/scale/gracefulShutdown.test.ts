import { msToNumber } from '@temporalio/common';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { preparedEnvironments, type PreparedEnvironments } from '../support/preparedEnvironments.js';
import { RefreshRig } from '../support/refreshRig.js';
import { shutdownForceTime } from '../../worker/tuning.js';

let environments: PreparedEnvironments;
let rig: RefreshRig;

beforeAll(async () => {
  environments = await preparedEnvironments({ rows: 30 });
  rig = await RefreshRig.start(environments);
});

afterAll(async () => {
  await rig?.stop();
  await environments?.drop();
});

/** Slow enough that the worker is told to stop while batches are being written. */
const request = {
  source: 'production',
  destination: 'qa',
  scope: { applications: ['Recruiting'] },
  batch: { rows: 5 },
  limits: { rowsPerSecond: 200 },
};

interface Committed {
  readonly batches: number;
  readonly rows: number;
}

/** What the ledger says was committed. */
async function committed(): Promise<Committed> {
  const { recordset } = await environments.qa.request().query<Committed>(
    `SELECT (SELECT COUNT(*) FROM refresh.ledger WHERE work_item LIKE 'item:%') AS batches,
      (SELECT COALESCE(SUM(rows_written + rows_matched), 0) FROM refresh.ledger WHERE work_item LIKE 'item:%') AS rows`,
  );
  const [row] = recordset;
  if (row === undefined) throw new Error('the ledger cannot be read');
  return { batches: Number(row.batches), rows: Number(row.rows) };
}

async function openTransactions(): Promise<number> {
  const { recordset } = await environments.qa
    .request()
    .query<{ n: number }>(
      "SELECT COUNT(*) AS n FROM sys.dm_exec_sessions WHERE program_name = 'outsystems-refresh' AND open_transaction_count > 0",
    );
  return Number(recordset[0]?.n);
}

it('a worker that is told to stop ends in time with what it committed, and another one goes on from there', async () => {
  const handle = await rig.startRefresh(request);
  await rig.operate(handle, {
    until: async (status) =>
      status.entities.some((entity) => entity.state === 'running') && (await committed()).batches > 3,
  });
  const before = await committed();
  const { code, took } = await rig.terminateWorker();
  expect(code, await rig.log()).toBe(0);
  expect(took).toBeLessThan(msToNumber(shutdownForceTime));
  const after = await committed();
  expect(after.batches).toBeGreaterThanOrEqual(before.batches);
  expect(after.rows).toBeGreaterThanOrEqual(before.rows);
  expect(await openTransactions()).toBe(0);

  await rig.startWorker();
  const status = await rig.operate(handle);
  expect(status.state).toBe('done');
  const end = await committed();
  expect(end.batches).toBeGreaterThan(after.batches);
  // `verify` compares rows moved with rows found; no failed attempt was shown on the way.
  expect(await rig.log(10_000)).not.toContain('"activity failed"');
}, 600_000);
