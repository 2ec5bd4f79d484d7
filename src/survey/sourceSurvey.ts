import { integer, text, textOrNull } from '../factory/rowValues.js';
import type { DraftColumn, DraftEntity, DraftNode } from '../plan/draft.js';
import type { Outline } from '../plan/outline.js';
import { loadOrder } from '../plan/loadOrder.js';
import { nodeName } from '../plan/nodeRegistry.js';
import type { PhysicalKey, TableName } from '../plan/refreshPlan.js';
import { quoteName, quoteTable } from '../sqlserver/quoteName.js';
import type { ReadDatabase, SqlParameter } from '../sqlserver/readDatabase.js';
import { columnFactsQuery, type ColumnQuestion } from './columnQuestions.js';
import type { ColumnFacts, EntityCount, ProcessFacts, SourceSurvey } from './facts.js';
import { inParallel } from './inParallel.js';
import { surveyLeftOut } from './leftOut.js';
import { movedRows, type RowConditions } from './movedRows.js';
import { processesMove, surveyProcesses } from './processTrees.js';
import { existsInSource, identifiersOf, referencedNode, type Identifiers } from './references.js';
import { countWaiting } from './waitingActivities.js';

export interface SourceCounts {
  readonly entities: Record<string, EntityCount>;
  readonly columns: Record<string, ColumnFacts>;
  readonly processes: ProcessFacts | null;
  readonly waiting: SourceSurvey['waiting'];
  readonly moved: RowConditions;
}

/**
 * Looks at the source's rows: marks first, children before parents, so that whatever a row under its mark refers to
 * is under a mark too (unless it changes meanwhile); then counts and what the findings need.
 */
export async function surveySource(
  db: ReadDatabase,
  outline: Outline,
  mayRead: (table: TableName) => boolean,
): Promise<SourceCounts> {
  const processes = processesMove(outline) ? await surveyProcesses(db, outline.processes) : null;
  const ends = new Map<DraftEntity, KeyEnds>();
  for (const index of [...loadOrder(outline).order].reverse()) {
    const entity = outline.entities[index];
    if (entity !== undefined) ends.set(entity, await keyEnds(db, outline, entity));
  }
  const endsOf = (entity: DraftEntity): KeyEnds => ends.get(entity) ?? noKeys;
  const moved: RowConditions = (entity) => movedRows(outline, entity, processes, endsOf(entity).highest);
  const entities: Record<string, EntityCount> = {};
  const columns: Record<string, ColumnFacts> = {};
  await inParallel(outline.entities, async (entity) => {
    const condition = moved(entity);
    const [row] = await db.query(
      `SELECT COUNT_BIG(*) AS moved_rows FROM ${quoteTable(entity.source.name)} t WHERE ${condition}`,
    );
    entities[entity.name] = { rows: integer(row ?? {}, 'moved_rows'), ...endsOf(entity) };
    if (entities[entity.name]?.rows === 0) return;
    Object.assign(columns, await surveyColumns(db, outline, entity, moved));
  });
  const waiting = processes === null ? {} : await countWaiting(db, outline, processes, mayRead);
  return { entities, columns, processes, waiting, moved };
}

type KeyEnds = Pick<EntityCount, 'lowest' | 'highest'>;

const noKeys: KeyEnds = { lowest: null, highest: null };

/**
 * Text keys come in no order of time, so they have no mark. Each end has a query of its own, of the bare column: of two
 * aggregates, or of an expression, SQL Server would scan the index instead of looking at its ends.
 */
async function keyEnds(db: ReadDatabase, outline: Outline, entity: DraftEntity): Promise<KeyEnds> {
  const node = outline.registry.nodes[entity.node];
  if (node?.source == null || node.keyKind !== 'integer') return noKeys;
  const end = (which: 'MIN' | 'MAX', of: PhysicalKey): string =>
    `CAST((SELECT ${which}(t.${quoteName(of.column)}) FROM ${quoteTable(of.table)} t) AS bigint)`;
  const [row] = await db.query(`SELECT ${end('MIN', node.source)} AS lowest, ${end('MAX', node.source)} AS highest`);
  return row === undefined ? noKeys : { lowest: textOrNull(row, 'lowest'), highest: textOrNull(row, 'highest') };
}

async function surveyColumns(
  db: ReadDatabase,
  outline: Outline,
  entity: DraftEntity,
  moved: RowConditions,
): Promise<Record<string, ColumnFacts>> {
  const condition = moved(entity);
  const facts: Record<string, { -readonly [K in keyof ColumnFacts]: ColumnFacts[K] }> = {};
  const note = (column: DraftColumn) => (facts[`${entity.name}.${column.attribute}`] ??= {});
  const questions = entity.columns.flatMap(questionsOf);
  if (questions.length > 0) {
    const [row] = await db.query(columnFactsQuery(quoteTable(entity.source.name), condition, questions));
    questions.forEach((question, index) => {
      const rows = integer(row ?? {}, `answer${index}`);
      if (rows > 0) note(question.column)[question.fact] = rows;
    });
  }
  for (const column of entity.columns) {
    const leftOut = await surveyLeftOut(db, outline, entity, column, moved);
    if (leftOut.length > 0) note(column).leftOut = leftOut;
    const orphans = await countOrphans(db, outline, entity, column, condition);
    if (orphans > 0) note(column).orphans = orphans;
    const missing = await missingStatics(db, outline, entity, column, condition);
    if (missing.length > 0) note(column).missingStatics = missing;
    const node = referencedNode(outline, column);
    if (node === null) continue;
    const ambiguous = await countAmbiguous(db, entity, column, node, condition);
    if (ambiguous > 0) note(column).ambiguous = ambiguous;
    if (node.kind === 'tenant') note(column).tenants = await tenantsInUse(db, entity, column, condition);
  }
  return facts;
}

function questionsOf(column: DraftColumn): ColumnQuestion[] {
  const questions: ColumnQuestion[] = [];
  if (column.narrower) questions.push({ column, fact: 'tooLong' });
  if (column.refusesNull) questions.push({ column, fact: 'nulls' });
  return questions;
}

async function countOrphans(
  db: ReadDatabase,
  outline: Outline,
  entity: DraftEntity,
  column: DraftColumn,
  condition: string,
): Promise<number> {
  const { treatment } = column;
  const enforced =
    treatment.kind === 'reference'
      ? treatment.enforcedInSource
      : treatment.kind === 'key' && (treatment.follows?.enforcedInSource ?? false);
  const dangling = identifiersOf(outline, column).flatMap(({ node, value, condition: isIdentifier }) => {
    const exists = existsInSource(outline, node, value);
    return exists === null ? [] : `(${isIdentifier} AND NOT ${exists})`;
  });
  if (enforced || dangling.length === 0) return 0;
  const [row] = await db.query(
    `SELECT COUNT_BIG(*) AS orphans FROM ${quoteTable(entity.source.name)} t WHERE ${condition}\nAND (${dangling.join('\nOR ')})`,
  );
  return integer(row ?? {}, 'orphans');
}

/** 0 and '' usually mean "none"; where a row has them as its identifier nobody can tell (trap 21). */
async function countAmbiguous(
  db: ReadDatabase,
  entity: DraftEntity,
  column: DraftColumn,
  node: DraftNode,
  condition: string,
): Promise<number> {
  if (node.source === null || node.kind === 'tenant') return 0;
  const none = node.keyKind === 'integer' ? '0' : "N''";
  const [row] = await db.query(
    `SELECT COUNT_BIG(*) AS ambiguous FROM ${quoteTable(entity.source.name)} t WHERE ${condition} AND t.${quoteName(column.source.column)} = ${none}
AND EXISTS (SELECT 1 FROM ${quoteTable(node.source.table)} target WHERE target.${quoteName(node.source.column)} = ${none})`,
  );
  return integer(row ?? {}, 'ambiguous');
}

const parametersAStatement = 1_000;

/** Static records without counterpart that references, and values of processes, name. */
async function missingStatics(
  db: ReadDatabase,
  outline: Outline,
  entity: DraftEntity,
  column: DraftColumn,
  condition: string,
): Promise<{ name: string; rows: number }[]> {
  const result: { name: string; rows: number }[] = [];
  for (const identifiers of identifiersOf(outline, column)) {
    const { node } = identifiers;
    if (node.kind !== 'staticEntity' || node.origin !== 'matched') continue;
    // The values of one column name records of several entities.
    const prefix = column.treatment.kind === 'typedValue' ? `${nodeName(node)}.` : '';
    for (const { name, rows } of await missingOf(db, outline, entity, identifiers, condition))
      result.push({ name: `${prefix}${name}`, rows });
  }
  return result;
}

async function missingOf(
  db: ReadDatabase,
  outline: Outline,
  entity: DraftEntity,
  { node, value, condition: isIdentifier }: Identifiers,
  condition: string,
): Promise<{ name: string; rows: number }[]> {
  const missing = outline.statics.get(node.node)?.missing ?? [];
  // What refers to nothing in the source either (a record whose row is gone, trap 52) is an orphan, counted apart.
  const exists = existsInSource(outline, node, value);
  const there = exists === null ? '' : ` AND ${exists}`;
  const result: { name: string; rows: number }[] = [];
  for (let start = 0; start < missing.length; start += parametersAStatement) {
    const chunk = missing.slice(start, start + parametersAStatement);
    const parameters = Object.fromEntries(
      chunk.map((record, index): [string, SqlParameter] => [
        `id${index}`,
        { type: node.keyKind === 'integer' ? 'bigint' : 'nvarchar', value: record.dataId },
      ]),
    );
    const values = chunk.map((_, index) => `(${index}, @id${index})`).join(', ');
    const rows = await db.query(
      `SELECT v.position AS position, COUNT_BIG(*) AS uses FROM ${quoteTable(entity.source.name)} t
INNER JOIN (VALUES ${values}) v (position, id) ON v.id${node.keyKind === 'text' ? ' COLLATE DATABASE_DEFAULT' : ''} = ${value}
WHERE ${condition} AND ${isIdentifier}${there} GROUP BY v.position`,
      parameters,
    );
    for (const row of rows)
      result.push({ name: chunk[integer(row, 'position')]?.name ?? '', rows: integer(row, 'uses') });
  }
  return result;
}

async function tenantsInUse(
  db: ReadDatabase,
  entity: DraftEntity,
  column: DraftColumn,
  condition: string,
): Promise<{ id: number; rows: number }[]> {
  const name = `t.${quoteName(column.source.column)}`;
  const rows = await db.query(
    `SELECT ${name} AS tenant_id, COUNT_BIG(*) AS tenant_rows FROM ${quoteTable(entity.source.name)} t WHERE ${condition} AND ${name} IS NOT NULL GROUP BY ${name}`,
  );
  return rows.map((row) => ({ id: Number(text(row, 'tenant_id')), rows: integer(row, 'tenant_rows') }));
}
