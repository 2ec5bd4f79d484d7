import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { environmentNamed } from '../../../src/config.js';
import { migrateBatches } from '../../../src/migrate/migrateEntities/migrateBatches.js';
import { skipItem } from '../../../src/migrate/migrateEntities/skipItem.js';
import type { StageContext } from '../../../src/migrate/stageContext.js';
import type { SourceSession } from '../../../src/sqlserver/session.js';
import { foresee, type Foreseen } from '../../support/foreseen.js';
import { preparedEnvironments, type PreparedEnvironments } from '../../support/preparedEnvironments.js';
import { complete, StageRig } from '../../support/stageRig.js';
import { steppedSession } from '../../support/steppedSession.js';
import { entityOf, itemOf, list, tableOf, tablesOf, value } from './support.js';

const limits = { rows: 5, bytes: 16_000_000, ranges: 3 };
const request = { scope: { applications: ['Recruiting'] }, batch: { rows: 5 }, parallelRanges: 3 };
const split = 'Recruiting.Note';

let environments: PreparedEnvironments;
let rig: StageRig;
let foreseen: Foreseen;

beforeAll(async () => {
  environments = await preparedEnvironments({ rows: 100, scheduler: false });
  foreseen = await foresee(environments, 'Recruiting');
});

afterEach(() => rig.close());

afterAll(async () => {
  await environments?.drop();
});

async function count(side: 'production' | 'qa'): Promise<number> {
  const tables = tablesOf(rig.context.plan, split);
  const table = side === 'qa' ? tables.destination : tables.source;
  return Number(await value(environments[side], `SELECT COUNT(*) FROM ${table}`));
}

/** Counts the source's sessions that are open at the same time. */
function watched(context: StageContext): { readonly context: StageContext; readonly most: () => number } {
  let [open, most] = [0, 0];
  const source = async (): Promise<SourceSession> => {
    const session = await context.source();
    const close = session.close.bind(session);
    open += 1;
    most = Math.max(most, open);
    session.close = () => {
      open -= 1;
      close();
    };
    return session;
  };
  return { context: { ...context, source }, most: () => most };
}

/** Moves what comes before the split entity; answers the entity's item. */
async function upToSplit(): Promise<number> {
  await rig.upToItems();
  const item = itemOf(rig.context.plan, split);
  for (const { id } of rig.context.plan.items.slice(0, item)) await rig.item(id);
  return item;
}

it('the key ranges of a large entity move side by side, however they are cut off, and leave what one would', async () => {
  rig = await StageRig.open(environments, request);
  const { plan, state } = rig.context;
  const ranges = entityOf(plan, split).splitAt.length + 1;
  expect(ranges).toBeGreaterThan(limits.ranges);
  const item = await upToSplit();
  // A slice that is over at once moves a batch of as many ranges as may move at once.
  const { context, most } = watched({ ...rig.context, deadline: () => true });
  expect((await migrateBatches(context, item, limits)).entities[0]!.batches).toBe(limits.ranges);
  expect(most()).toBe(limits.ranges);
  await Promise.allSettled([1, 2].map(() => migrateBatches(rig.context, item, { ...limits, rows: 3 })));
  const done = await rig.item(item, limits.rows);
  expect(done.entities[0]!.rowsDone).toBe(await count('production'));
  const ends = `SELECT (batch - 1) % ${ranges} FROM ${state.table('ledger')} WHERE work_item = N'item:${item}' AND last = 1 ORDER BY 1`;
  expect(await list(environments.qa, ends)).toEqual(Array.from({ length: ranges }, (_, range) => range));
  for (const { id } of plan.items.slice(item + 1)) await rig.item(id);
  await rig.fromItemsOn();
  expect(await foreseen.found()).toEqual(foreseen.expected);
});

it('when one key range fails, the others end after their batch, and all go on from there', async () => {
  rig = await StageRig.open(environments, request);
  const item = await upToSplit();
  const qa = environmentNamed(environments.configuration, 'qa');
  let sessions = 0;
  const failing = async () => {
    const number = ++sessions;
    return steppedSession(qa, () => {
      if (number === 2) throw new Error('the session is gone');
    });
  };
  await expect(migrateBatches({ ...rig.context, destination: failing }, item, limits)).rejects.toThrow('gone');
  const [ledger, runs] = [rig.context.state.table('ledger'), rig.context.state.table('run')];
  const said = `SELECT COALESCE(SUM(rows_written), 0) FROM ${ledger} WHERE run = (SELECT MAX(number) FROM ${runs}) AND work_item = N'item:${item}'`;
  expect(await count('qa')).toBe(Number(await value(environments.qa, said)));
  expect(await count('qa')).toBeLessThan(await count('production'));
  await rig.item(item, limits.rows);
  expect(await count('qa')).toBe(await count('production'));
  await complete(() => skipItem(rig.context, item));
  expect(await count('qa')).toBe(0);
});

it('reading is held back after the last page of an entity as after any other', async () => {
  // The size of its rows is asked for, so a page with the last row is known to be the last.
  const entity = 'People.Icon';
  const table = await tableOf(environments.production, 'People', 'Icon');
  const options = { data: 'keep', onMatch: 'insert', where: `ID = (SELECT MIN(ID) FROM ${table})` };
  rig = await StageRig.open(environments, {
    scope: { entities: [entity] },
    processes: { migrate: false },
    entities: { [entity]: options },
  });
  const { plan } = rig.context;
  const limited = { ...plan.request, limits: { rowsPerSecond: null, bytesPerSecond: 1 } };
  const paused: string[] = [];
  const held = new AbortController();
  const heartbeat: StageContext['heartbeat'] = ({ subject, waiting }) => {
    if (waiting === undefined) return;
    paused.push(`${subject}: ${waiting}`);
    held.abort();
  };
  const context = { ...rig.context, plan: { ...plan, request: limited }, heartbeat, signal: held.signal };
  expect(await migrateBatches(context, itemOf(plan, entity), limits)).toMatchObject({ done: true });
  expect(paused).toEqual([`${entity}: the request limits reading to 1 bytes a second`]);
});
