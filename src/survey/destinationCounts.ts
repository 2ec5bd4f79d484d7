import { integer, textOrNull } from '../factory/rowValues.js';
import type { DraftEntity } from '../plan/draft.js';
import type { Outline } from '../plan/outline.js';
import type { TableName } from '../plan/refreshPlan.js';
import { lastIdentity } from '../sqlserver/lastIdentity.js';
import { quoteName, quoteTable } from '../sqlserver/quoteName.js';
import type { ReadDatabase } from '../sqlserver/readDatabase.js';
import { askTogether, tableSizes, type EntityQuestion } from './askTogether.js';
import type { DestinationCount } from './facts.js';
import { instancesOfDefinitions } from './processTrees.js';

/** Rows, highest key and last identity of each entity's table in the destination; nothing of those the login may not read. */
export async function countEntities(
  db: ReadDatabase,
  outline: Outline,
  mayRead: (table: TableName) => boolean,
): Promise<Record<string, DestinationCount>> {
  const counts: Record<string, DestinationCount> = {};
  const readable = outline.entities.filter((entity) => mayRead(entity.destination.name));
  const sizes = await tableSizes(
    db,
    readable.map((entity) => entity.destination.name),
  );
  const note = (entity: DraftEntity, found: Partial<DestinationCount>): void => {
    counts[entity.name] = { rows: 0, total: 0, highest: null, identity: null, ...counts[entity.name], ...found };
  };
  for (const entity of outline.entities) note(entity, {});
  await askTogether(
    db,
    sizes,
    readable.flatMap((entity) => [
      rowsQuestion(outline, entity, (found) => {
        note(entity, found);
      }),
      ...instancesQuestion(outline, entity, (rows) => {
        note(entity, { rows });
      }),
    ]),
  );
  return counts;
}

function rowsQuestion(outline: Outline, entity: DraftEntity, found: (count: DestinationCount) => void): EntityQuestion {
  const key = outline.registry.nodes[entity.node]?.destination;
  const table = entity.destination.name;
  const mark =
    key != null && outline.registry.nodes[entity.node]?.keyKind === 'integer'
      ? `MAX(CAST(t.${quoteName(key.column)} AS bigint))`
      : 'NULL';
  const identity = key?.identity === true ? lastIdentity(table) : 'NULL';
  return {
    entity: entity.name,
    table,
    sql: `SELECT COUNT_BIG(*) AS all_rows, CAST(${mark} AS bigint) AS highest, CAST(${identity} AS bigint) AS identity_now FROM ${quoteTable(table)} t`,
    answered: ([row = {}]) => {
      const total = integer(row, 'all_rows');
      found({
        total,
        rows: entity.processTable === null ? total : 0,
        highest: textOrNull(row, 'highest'),
        identity: textOrNull(row, 'identity_now'),
      });
    },
  };
}

/** Of a process table only the rows of the instances in scope are meant. */
function instancesQuestion(
  outline: Outline,
  { name, processTable, destination }: DraftEntity,
  found: (rows: number) => void,
): EntityQuestion[] {
  const ids = outline.processes?.destinationDefinitionIds ?? [];
  if (ids.length === 0 || processTable === null) return [];
  const condition = instancesOfDefinitions(ids, processTable.processPath, 't');
  return [
    {
      entity: name,
      table: destination.name,
      sql: `SELECT COUNT_BIG(*) AS instance_rows FROM ${quoteTable(destination.name)} t WHERE ${condition}`,
      answered: ([row = {}]) => {
        found(integer(row, 'instance_rows'));
      },
    },
  ];
}
