import type { StageFailure } from '../../contract.js';
import type { PlannedDeletion } from '../../plan/refreshPlan.js';
import { quoteName, quoteTable } from '../../sqlserver/quoteName.js';
import type { DestinationSession } from '../../sqlserver/session.js';
import { deletionFilter } from '../deleteDestinationData/deleteStatements.js';
import { isMapped, leavesMatched, type EntityShape, type StagedColumn } from '../migrateEntities/entityShape.js';
import { nullIdentifier, plannedNode, type LookupContext } from '../migrateEntities/lookup.js';
import type { LedgerCounts } from '../state/ledger.js';

/** What one entity of the run must be true to. */
export interface EntityVerification {
  readonly shape: EntityShape;
  /** Sum of the entity's ledger rows. */
  readonly counts: LedgerCounts;
  readonly complete: boolean;
}

/**
 * Checks one entity in the destination: every row of the ledger is there, every map row leads to a row, no two to the
 * same one where keys are new, and no reference leads nowhere. Answers what is wrong.
 */
export async function verifyEntity(
  session: DestinationSession,
  context: LookupContext,
  verification: EntityVerification,
): Promise<StageFailure[]> {
  const { shape, counts, complete } = verification;
  if (!complete) return [problem('entityIncomplete', `${shape.name} has not been moved to its end`, shape.name)];
  const expected = counts.rowsRead - counts.rowsFiltered - counts.rowsQuarantined;
  const problems = isMapped(context.plan, shape.node)
    ? await verifyMap(session, context, shape, expected)
    : await verifyPreserved(session, context, shape, expected);
  for (const column of shape.staged) problems.push(...(await verifyReference(session, context, shape, column)));
  return problems;
}

function problem(code: string, message: string, subject: string): StageFailure {
  return {
    code,
    message,
    sqlNumber: null,
    subject,
    remedy:
      'Find out who else writes to the destination; then abort and start a new refresh, or accept the run as it is by skipping verify.',
  };
}

function mapOf(
  context: LookupContext,
  shape: EntityShape,
): { readonly table: string; readonly condition: string; readonly join: string } {
  const owner = context.owners.get(shape.node.node) ?? 0;
  const text = shape.node.keyKind === 'text';
  const key = shape.key.planned.destination;
  const collation =
    text && key.type.collation !== null && /^\w+$/.test(key.type.collation) ? ` COLLATE ${key.type.collation}` : '';
  return {
    table: context.state.table(text ? 'key_map_text' : 'key_map'),
    condition: `m.owner = ${owner} AND m.run = ${context.runNumber}`,
    join: `d.${quoteName(key.column)} = m.destination_key${collation}`,
  };
}

async function verifyMap(
  session: DestinationSession,
  context: LookupContext,
  shape: EntityShape,
  expected: number,
): Promise<StageFailure[]> {
  const { table, condition, join } = mapOf(context, shape);
  const [row] = await session.rows(
    `SELECT COUNT_BIG(*), COUNT_BIG(DISTINCT m.destination_key), COALESCE(SUM(CASE WHEN d.${quoteName(shape.key.planned.destination.column)} IS NULL THEN 1 ELSE 0 END), 0) ` +
      `FROM ${table} m LEFT JOIN ${quoteTable(shape.entity.destinationTable)} d ON ${join} WHERE ${condition};`,
  );
  const [mapped, distinct, missing] = [Number(row?.[0]), Number(row?.[1]), Number(row?.[2])];
  const problems: StageFailure[] = [];
  if (mapped !== expected)
    problems.push(
      problem('countsDiffer', `${shape.name}: ${expected} rows were moved, the key map has ${mapped}`, shape.name),
    );
  if (missing > 0)
    problems.push(
      problem('rowsMissing', `${shape.name}: ${missing} rows of the key map are not in the destination`, shape.name),
    );
  const created = shape.node.origin === 'reserved' || shape.node.origin === 'generated';
  if (created && shape.entity.match.length === 0 && distinct !== mapped) {
    problems.push(
      problem('keysShared', `${shape.name}: ${mapped - distinct} rows share the key of another`, shape.name),
    );
  }
  return problems;
}

/** Where all rows of the table are the load's, its row count is the ledger's. */
async function verifyPreserved(
  session: DestinationSession,
  context: LookupContext,
  shape: EntityShape,
  expected: number,
): Promise<StageFailure[]> {
  const table = quoteTable(shape.entity.destinationTable);
  const deletion = deletionOf(context, shape);
  const [row] = await session.rows(`SELECT COUNT_BIG(*) FROM ${table};`);
  const found = Number(row?.[0]);
  const whole =
    shape.entity.data === 'deleteFirst' && deletion?.filter.kind === 'all' && deletion.keepKeys.length === 0;
  if (whole ? found === expected : found >= expected) return [];
  return [
    problem('countsDiffer', `${shape.name}: ${expected} rows were moved, the destination has ${found}`, shape.name),
  ];
}

/** Rows that the run wrote and whose reference names a row that does not exist. */
async function verifyReference(
  session: DestinationSession,
  context: LookupContext,
  shape: EntityShape,
  column: StagedColumn,
): Promise<StageFailure[]> {
  const treatment = column.planned.treatment;
  if (treatment.kind !== 'reference') return [];
  const node = plannedNode(context.plan, treatment.node);
  if (node.destination === null || leavesMatched(shape)) return [];
  const value = `d.${quoteName(column.planned.destination.column)}`;
  const key = `t.${quoteName(node.destination.column)}`;
  const collation = node.destination.type.collation;
  const compared =
    node.keyKind === 'text' && collation !== null && /^\w+$/.test(collation) ? `${value} COLLATE ${collation}` : value;
  const own = ownRows(context, shape);
  const [row] = await session.rows(
    `SELECT COUNT_BIG(*) FROM ${quoteTable(shape.entity.destinationTable)} d ${own.join} ` +
      `LEFT JOIN ${quoteTable(node.destination.table)} t ON ${key} = ${compared} ` +
      `WHERE ${own.condition}${value} IS NOT NULL AND ${value} <> ${nullOf(column, nullIdentifier(node))} AND ${key} IS NULL;`,
  );
  const dangling = Number(row?.[0]);
  if (dangling === 0) return [];
  const name = `${shape.name}.${column.planned.attribute}`;
  return [problem('danglingReference', `${name}: ${dangling} rows refer to a row that does not exist`, shape.name)];
}

function nullOf(column: StagedColumn, none: string): string {
  return column.transport.stagingType === 'uniqueidentifier' ? "N'00000000-0000-0000-0000-000000000000'" : none;
}

/** Restricts a check to rows that the run wrote, where the table may hold others, whose references may be gone. */
function ownRows(context: LookupContext, shape: EntityShape): { readonly join: string; readonly condition: string } {
  if (isMapped(context.plan, shape.node)) {
    const { table, condition, join } = mapOf(context, shape);
    return { join: `JOIN ${table} m ON ${join} AND ${condition}`, condition: '' };
  }
  // Without a map the rows that the deletion has let stay are told by what it left out.
  const deletion = deletionOf(context, shape);
  const filter = deletion === undefined ? '' : deletionFilter(deletion);
  return { join: '', condition: filter === '' ? '' : `${filter} AND ` };
}

function deletionOf({ plan }: LookupContext, shape: EntityShape): PlannedDeletion | undefined {
  const table = quoteTable(shape.entity.destinationTable);
  return plan.deletions.find((each) => quoteTable(each.table) === table);
}
