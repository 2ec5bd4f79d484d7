import { ownTable, physicalColumn, physicalTable, tableKey } from '../factory/factory.js';
import { integer, text } from '../factory/rowValues.js';
import type { DraftEntity } from '../plan/draft.js';
import { enforcedInbound, inboundKey, type InboundColumn } from '../plan/inbound.js';
import { planEventTables } from '../plan/eventTables.js';
import type { Outline } from '../plan/outline.js';
import type { TableName } from '../plan/refreshPlan.js';
import { quoteName, quoteTable } from '../sqlserver/quoteName.js';
import type { ReadDatabase } from '../sqlserver/readDatabase.js';
import { countEntities } from './destinationCounts.js';
import type { DestinationRights, DestinationSurvey, SubscriptionCount } from './facts.js';
import { inParallel } from './inParallel.js';
import { stayingRows, survivingRows } from './stayingRows.js';
import { countTornInstances, instancesOfDefinitions } from './processTrees.js';
import { findUser } from './users.js';
import { countLeaving } from './waitingActivities.js';

/** Counts what is there: rows to delete, rows that refer to them, queues, timers, rights. Reads only. */
export async function surveyDestination(
  db: ReadDatabase,
  outline: Outline,
  rights: DestinationRights,
): Promise<Omit<DestinationSurvey, 'recreated'>> {
  const mayRead = (table: TableName): boolean => rights.tables[tableKey(table)]?.select === true;
  const { fallback } = outline.request.users;
  return {
    entities: await countEntities(db, outline, mayRead),
    ...(await countInbound(db, outline, mayRead)),
    rights,
    subscriptions: await countSubscriptions(db, outline, mayRead),
    leaving: await countLeaving(db, outline, mayRead),
    keptReferring: await countKeptReferring(db, outline, mayRead),
    queues: await countQueues(db, outline),
    tornInstances:
      outline.request.destinationData === 'deleteFirst'
        ? await countTornInstances(db, outline.processes?.destinationDefinitionIds ?? [])
        : 0,
    overdueTimers: await overdueTimers(db, outline),
    fallbackUserId: fallback === null ? null : await findUser(db, fallback),
  };
}

/** What the trigger of an entity would answer to: subscriptions to new rows and to changed ones. */
async function countSubscriptions(
  db: ReadDatabase,
  outline: Outline,
  mayRead: (table: TableName) => boolean,
): Promise<DestinationSurvey['subscriptions']> {
  const counts: Record<string, SubscriptionCount | null> = {};
  await inParallel(planEventTables(outline), async ({ destination }) => {
    if (!mayRead(destination)) {
      counts[tableKey(destination)] = null;
      return;
    }
    const [row] = await db.query(
      `SELECT COUNT_BIG(*) AS all_rows, SUM(CAST(CASE WHEN t.[_IS_UPDATE] = 1 THEN 1 ELSE 0 END AS bigint)) AS updates FROM ${quoteTable(destination)} t`,
    );
    const updates = integer(row ?? {}, 'updates');
    counts[tableKey(destination)] = { inserts: integer(row ?? {}, 'all_rows') - updates, updates };
  });
  return counts;
}

/** Rows that stay hold on to what they refer to: that must stay too. */
async function countKeptReferring(
  db: ReadDatabase,
  outline: Outline,
  mayRead: (table: TableName) => boolean,
): Promise<DestinationSurvey['keptReferring']> {
  const found: { name: string; column: string; target: string; rows: number }[] = [];
  for (const entity of outline.entities) {
    // Trees of processes that would be torn are counted apart.
    const deletes = entity.data === 'deleteFirst' && entity.processTable === null;
    const kept = deletes ? stayingRows(outline, entity, 't') : null;
    if (kept === null || !mayRead(entity.destination.name)) continue;
    for (const key of entity.destination.foreignKeys) {
      const target = outline.entities.find((each) => tableKey(each.destination.name) === tableKey(key.referencedTable));
      const [column] = key.columns;
      const [referenced] = key.referencedColumns;
      if (target?.data !== 'deleteFirst' || column === undefined || referenced === undefined || !key.enabled) continue;
      const spared = stayingRows(outline, target, 'd');
      const goes = spared === null ? '' : ` AND CASE WHEN ${spared} THEN 1 ELSE 0 END = 0`;
      const [row] = await db.query(
        `SELECT COUNT_BIG(*) AS kept_rows FROM ${quoteTable(entity.destination.name)} t
INNER JOIN ${quoteTable(target.destination.name)} d ON d.${quoteName(referenced)} = t.${quoteName(column)}
WHERE ${kept}${goes}`,
      );
      const rows = integer(row ?? {}, 'kept_rows');
      if (rows > 0) found.push({ name: entity.name, column, target: target.name, rows });
    }
  }
  return found;
}

type InboundCounts = Pick<DestinationSurvey, 'inbound' | 'referring' | 'chained' | 'unreadable'>;

/** Rows that stay, outside the scope or inside, and refer to rows inside; of process tables only references to the instances in scope. */
async function countInbound(
  db: ReadDatabase,
  outline: Outline,
  mayRead: (table: TableName) => boolean,
): Promise<InboundCounts> {
  const inbound: Record<string, number> = {};
  const referring: Record<string, number> = {};
  const chained: Record<string, { name: string; column: string; rows: number }[]> = {};
  const concerned = outline.inbound.filter((each) => survivorsOf(outline, each) !== null);
  const outside = concerned.filter((each) => mayRead(each.table.name));
  const unreadable = concerned.filter((each) => !mayRead(each.table.name)).map((each) => each.table.name.table);
  const tables = new Map(outside.map((each) => [tableKey(each.table.name), each.table]));
  await inParallel([...tables], async ([key, table]) => {
    const columns = outside.filter((each) => tableKey(each.table.name) === key);
    const name = quoteTable(table.name);
    const conditions = columns.map(
      (each) => `(${refersTo(outline, each)}) AND ${survivorsOf(outline, each) ?? '1 = 0'}`,
    );
    const counts = conditions.map(
      (condition, index) => `SUM(CAST(CASE WHEN ${condition} THEN 1 ELSE 0 END AS bigint)) AS column${index}`,
    );
    const simple = columns.every(({ target }) => {
      const entity = outline.entities[target];
      return entity?.processTable === null && sparedRows(outline, entity, 's') === null;
    });
    if (simple) {
      const any = `SUM(CAST(CASE WHEN ${conditions.join(' OR ')} THEN 1 ELSE 0 END AS bigint)) AS any_column`;
      const [row] = await db.query(`SELECT ${[...counts, any].join(', ')} FROM ${name} t`);
      columns.forEach((each, index) => (inbound[inboundKey(each)] = integer(row ?? {}, `column${index}`)));
      referring[key] = integer(row ?? {}, 'any_column');
    } else {
      // A subquery cannot stand inside an aggregate.
      for (const [index, each] of columns.entries()) {
        const [row] = await db.query(
          `SELECT COUNT_BIG(*) AS referring_rows FROM ${name} t WHERE ${conditions[index] ?? '1 = 0'}`,
        );
        inbound[inboundKey(each)] = integer(row ?? {}, 'referring_rows');
      }
      const [row] = await db.query(
        `SELECT COUNT_BIG(*) AS referring_rows FROM ${name} t WHERE ${conditions.map((each) => `(${each})`).join(' OR ')}`,
      );
      referring[key] = integer(row ?? {}, 'referring_rows');
    }
    if ((referring[key] ?? 0) > 0) chained[key] = await countChained(db, outline, columns);
  });
  return { inbound, referring, chained, unreadable: [...new Set(unreadable)].sort() };
}

/** The rows `t` with an inbound column that deleting leaves; trees of processes that would be torn are counted apart. */
function survivorsOf(outline: Outline, { owner }: InboundColumn): string | null {
  const entity = owner === null ? undefined : outline.entities[owner];
  return entity?.data === 'deleteFirst' && entity.processTable !== null ? null : survivingRows(outline, entity, 't');
}

/** Of an entity whose rows are deleted, those that stay; null if all go, or if none does. */
function sparedRows(outline: Outline, entity: DraftEntity | undefined, alias: string): string | null {
  return entity?.data === 'deleteFirst' ? stayingRows(outline, entity, alias) : null;
}

/** Rows of the alias that refer to rows which are deleted; to any rows of an entity that is kept. */
function refersTo(outline: Outline, inbound: InboundColumn, alias = 't'): string {
  const column = `${alias}.${quoteName(inbound.column)}`;
  const target = outline.entities[inbound.target];
  const ids = outline.processes?.destinationDefinitionIds ?? [];
  if (target?.processTable == null) {
    const spared = sparedRows(outline, target, 's');
    const key = target?.columns[0]?.destination.column;
    if (target === undefined || spared === null || key === undefined) return `${column} IS NOT NULL`;
    const isSpared = `EXISTS (SELECT 1 FROM ${quoteTable(target.destination.name)} s WHERE s.${quoteName(key)} = ${column} AND ${spared})`;
    return `${column} IS NOT NULL AND NOT ${isSpared}`;
  }
  if (ids.length === 0) return '1 = 0';
  return `${column} IN (SELECT p.ID FROM ${quoteTable(target.destination.name)} p WHERE ${instancesOfDefinitions(ids, target.processTable.processPath, 'p')})`;
}

/** Rows that hold on to rows outside the scope which would be deleted, of the same table too: these go in one statement. */
async function countChained(
  db: ReadDatabase,
  outline: Outline,
  columns: readonly InboundColumn[],
): Promise<{ name: string; column: string; rows: number }[]> {
  const ties = columns.filter(
    ({ enforced, owner, target }) => enforced && owner === null && outline.entities[target]?.data === 'deleteFirst',
  );
  const [first] = ties;
  if (first === undefined) return [];
  const goes = ties.map((each) => `(${refersTo(outline, each, 'd')})`).join(' OR ');
  const result: { name: string; column: string; rows: number }[] = [];
  for (const { table, column, key } of enforcedInbound(outline.destination, first.table)) {
    const entity = outline.entities.find((each) => tableKey(each.destination.name) === tableKey(table.name));
    const survivors = survivingRows(outline, entity, 't');
    if (survivors === null) continue;
    const [row] = await db.query(
      `SELECT COUNT_BIG(*) AS chained_rows FROM ${quoteTable(table.name)} t
INNER JOIN ${quoteTable(first.table.name)} d ON d.${quoteName(key)} = t.${quoteName(column)} WHERE (${goes}) AND ${survivors}`,
    );
    const rows = integer(row ?? {}, 'chained_rows');
    if (rows > 0) result.push({ name: table.name.table, column, rows });
  }
  return result;
}

const queueTables = ['OSSYS_BPM_EVENT', 'OSSYS_BPM_EVENT_QUEUE'] as const;

async function countQueues(db: ReadDatabase, outline: Outline): Promise<DestinationSurvey['queues']> {
  const existing = queueTables.filter((table) => physicalTable(outline.destination.factory, ownTable(table)) !== null);
  return await Promise.all(
    existing.map(async (table) => {
      const [row] = await db.query(`SELECT COUNT_BIG(*) AS queued FROM dbo.${quoteName(table)}`);
      return { table, rows: integer(row ?? {}, 'queued') };
    }),
  );
}

/** Timers whose next run is past run as soon as their application is enabled (trap 77). */
async function overdueTimers(db: ReadDatabase, outline: Outline): Promise<DestinationSurvey['overdueTimers']> {
  const { factory } = outline.destination;
  const meta = physicalTable(factory, ownTable('OSSYS_META_CYCLIC_JOB'));
  if (meta === null) return [];
  const found = new Map<string, { espaceId: number; name: string }>();
  for (const jobs of ['OSSYS_CYCLIC_JOB', 'OSSYS_CYCLIC_JOB_SHARED']) {
    if (physicalColumn(physicalTable(factory, ownTable(jobs)), 'NEXT_RUN') === null) continue;
    const rows = await db.query(
      `SELECT DISTINCT m.ESPACE_ID AS espace_id, m.NAME AS timer_name FROM dbo.${quoteName(jobs)} j INNER JOIN dbo.OSSYS_META_CYCLIC_JOB m ON m.ID = j.META_CYCLIC_JOB_ID
WHERE m.IS_ACTIVE = 1 AND j.NEXT_RUN > '1900-01-01' AND j.NEXT_RUN <= GETDATE()`,
    );
    for (const row of rows) {
      const timer = { espaceId: integer(row, 'espace_id'), name: text(row, 'timer_name') };
      found.set(`${timer.espaceId}/${timer.name}`, timer);
    }
  }
  return [...found.values()].sort((a, b) => a.espaceId - b.espaceId || (a.name < b.name ? -1 : 1));
}
