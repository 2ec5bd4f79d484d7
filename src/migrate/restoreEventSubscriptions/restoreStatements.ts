import { TYPES } from 'tedious';
import { isIntegerType, isTextType } from '../../plan/nodeRegistry.js';
import type { PlannedEventColumn, PlannedEventTable } from '../../plan/refreshPlan.js';
import { quoteName, quoteTable } from '../../sqlserver/quoteName.js';
import type { BulkColumn } from '../../sqlserver/session.js';
import {
  activityColumn,
  eventColumnDefinitions,
  eventColumns,
  sameEventRow,
} from '../clearEventSubscriptions/eventTable.js';
import { keyCollation, lookup, nullIdentifier, plannedNode, type LookupContext } from '../migrateEntities/lookup.js';
import { transportOf, type DriverTransport } from '../transport.js';

/** Puts rows of a snapshot back that the table does not hold; answers their number. */
export function putBackSql(table: PlannedEventTable, from: string, condition: string): string {
  const columns = eventColumns(table);
  const events = quoteTable(table.destination);
  return [
    'SET NOCOUNT ON;',
    `INSERT INTO ${events} (${columns.join(', ')}) SELECT ${columns.map((column) => `m.${column}`).join(', ')} FROM ${from} m`,
    `WHERE ${condition} AND NOT EXISTS (SELECT 1 FROM ${events} e WHERE ${sameEventRow(table, 'e', 'm')});`,
    'SELECT @@ROWCOUNT;',
  ].join('\n');
}

/** Rows that ought to be in the table and are not. */
export function missingSql(table: PlannedEventTable, from: string, condition: string): string {
  return (
    `SELECT COUNT(*) FROM ${from} m WHERE ${condition} ` +
    `AND NOT EXISTS (SELECT 1 FROM ${quoteTable(table.destination)} e WHERE ${sameEventRow(table, 'e', 'm')});`
  );
}

/** Rows that start processes: the publish of a module writes them, and only the destination's own are right there. */
export function startsProcess(table: PlannedEventTable): string {
  const activity = activityColumn(table);
  return activity === null ? '1 = 1' : `NULLIF(m.${activity}, 0) IS NULL`;
}

/** Rows of the destination's activities that were not deleted. */
export function activityStillExists(table: PlannedEventTable): string {
  const activity = activityColumn(table);
  return activity === null
    ? '1 = 0'
    : `NULLIF(m.${activity}, 0) IS NOT NULL AND EXISTS (SELECT 1 FROM dbo.OSSYS_BPM_ACTIVITY a WHERE a.ID = m.${activity})`;
}

/** How the source's activity rows of one event table travel and are translated. */
export interface EventTranslation {
  readonly read: string;
  readonly create: readonly string[];
  readonly columns: readonly BulkColumn[];
  /** Fills #event_translated from #event; answers the rows translated. */
  readonly translate: string;
  /** Answers the rows of activities that moved: those of them that are not translated are dropped. */
  readonly concerned: string;
  /** Adds what the table lacks; answers the rows added. */
  readonly add: string;
}

interface Staged {
  readonly column: PlannedEventColumn;
  readonly source: string;
  readonly transport: DriverTransport;
  readonly name: string;
}

export function eventTranslation(context: LookupContext, table: PlannedEventTable): EventTranslation | null {
  const activity = table.columns.find((column) => column.kind === 'activity');
  if (table.source === null || !table.translateActivityRows || activity?.source == null) return null;
  const staged = table.columns.flatMap((column, position): Staged[] =>
    column.source === null
      ? []
      : [
          {
            column,
            source: column.source,
            transport: transportOf(column.type, `${table.name}, ${column.destination}`),
            name: `c${position}`,
          },
        ],
  );
  const translated = staged.map((each) => translateColumn(context, each));
  const targets = staged.map(({ column }) => quoteName(column.destination)).join(', ');
  const columns = eventColumns(table).join(', ');
  const events = quoteTable(table.destination);
  const waiting = translated[staged.findIndex(({ column }) => column === activity)] ?? { join: '', kept: '1 = 0' };
  const read = [...staged.map(({ source, transport }) => transport.read(`t.${quoteName(source)}`)), narrower(table)];
  return {
    read:
      `SELECT ${read.join(', ')} FROM ${quoteTable(table.source)} t ` +
      `WHERE NULLIF(t.${quoteName(activity.source)}, 0) IS NOT NULL`,
    create: [
      'DROP TABLE IF EXISTS #event; DROP TABLE IF EXISTS #event_translated;',
      `CREATE TABLE #event (${staged.map((each) => stagedDefinition(context, each)).join(', ')}, narrower bit NOT NULL);`,
      `CREATE TABLE #event_translated (${eventColumnDefinitions(table)});`,
    ],
    columns: [
      ...staged.map(({ name, transport }) => ({ name, ...transport.bulk })),
      { name: 'narrower', type: TYPES.Bit },
    ],
    translate: [
      'SET NOCOUNT ON;',
      'TRUNCATE TABLE #event_translated;',
      `INSERT INTO #event_translated (${targets}) SELECT ${translated.map(({ value }) => value).join(', ')}`,
      'FROM #event s',
      ...translated.flatMap(({ join }) => (join === '' ? [] : [join])),
      `WHERE s.narrower = 0 AND ${translated.map(({ kept }) => kept).join(' AND ')};`,
      'SELECT @@ROWCOUNT;',
    ].join('\n'),
    concerned: `SELECT COUNT(*) FROM #event s ${waiting.join} WHERE ${waiting.kept};`,
    add: [
      'SET NOCOUNT ON;',
      `INSERT INTO ${events} (${columns}) SELECT ${columns} FROM #event_translated m`,
      `WHERE NOT EXISTS (SELECT 1 FROM ${events} e WHERE ${sameEventRow(table, 'e', 'm')});`,
      'SELECT @@ROWCOUNT;',
    ].join('\n'),
  };
}

/** Whether a row is narrowed by a filter that the destination does not have: without it, it would wake for more. */
function narrower(table: PlannedEventTable): string {
  const set = (table.onlyInSource ?? []).map(({ column, type }) => {
    const value = `t.${quoteName(column)}`;
    if (isIntegerType(type.name)) return `NULLIF(${value}, 0) IS NOT NULL`;
    return isTextType(type.name) && type.name !== 'uniqueidentifier'
      ? `NULLIF(${value}, N'') IS NOT NULL`
      : `${value} IS NOT NULL`;
  });
  return set.length === 0 ? 'CONVERT(bit, 0)' : `CONVERT(bit, CASE WHEN ${set.join(' OR ')} THEN 1 ELSE 0 END)`;
}

/** Text is collated as the key that it is compared with, or as the database. */
function stagedDefinition(context: LookupContext, { column, transport, name }: Staged): string {
  const collation = column.node === null ? null : keyCollation(context, plannedNode(context.plan, column.node));
  const safe = collation === null || !/^\w+$/.test(collation) ? 'DATABASE_DEFAULT' : collation;
  return `${name} ${transport.stagingType}${transport.text ? ` COLLATE ${safe}` : ''} NULL`;
}

/**
 * NULL and the null identifier mean "any" in a filter column and stay as they are. An identifier without image drops its
 * row: turned into NULL it would wake the activity for every record (facts 5).
 */
function translateColumn(
  context: LookupContext,
  { column, transport, name }: Staged,
): { value: string; join: string; kept: string } {
  const value = `s.${name}`;
  if (column.kind === 'flag' || column.kind === 'other')
    return { value: transport.write(value, column.type), join: '', kept: '1 = 1' };
  const node = column.node === null ? null : plannedNode(context.plan, column.node);
  const none = node === null ? '0' : nullIdentifier(node);
  const any = `(${value} IS NULL OR ${value} = ${none})`;
  if (node === null) return { value: transport.write(value, column.type), join: '', kept: any };
  const found = lookup(context, node.node, `m${name}`, value);
  return {
    value: `CASE WHEN ${any} THEN ${value} ELSE ${found.key} END`,
    join: found.join,
    kept: `(${any} OR ${found.found})`,
  };
}
