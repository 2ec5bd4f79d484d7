import { integer, text } from '../factory/rowValues.js';
import type { DraftColumn, DraftEntity, DraftNode } from '../plan/draft.js';
import type { Outline } from '../plan/outline.js';
import { nodeName } from '../plan/nodeRegistry.js';
import { quoteName, quoteTable } from '../sqlserver/quoteName.js';
import type { SqlParameter } from '../sqlserver/readDatabase.js';
import type { EntityQuestion } from './askTogether.js';
import { columnFactsQuery, type ColumnQuestion } from './columnQuestions.js';
import type { ColumnFacts } from './facts.js';
import { leftOutQuestions } from './leftOut.js';
import type { RowConditions } from './movedRows.js';
import { existsInSource, identifiersOf, referencedNode, type Identifiers } from './references.js';

type Noted = { -readonly [K in keyof ColumnFacts]: ColumnFacts[K] };

/** A column of an entity whose rows move under a condition on the alias `t`; its facts come to be with the first. */
interface AskedColumn {
  readonly outline: Outline;
  readonly entity: DraftEntity;
  readonly column: DraftColumn;
  readonly condition: string;
  readonly note: () => Noted;
}

/** What the findings need to know of the rows of one entity that move; the answers go into `facts`. */
export function rowQuestions(
  outline: Outline,
  entity: DraftEntity,
  moved: RowConditions,
  facts: Record<string, Noted>,
): EntityQuestion[] {
  const condition = moved(entity);
  const noteOf = (column: DraftColumn) => (): Noted => (facts[`${entity.name}.${column.attribute}`] ??= {});
  return [
    ...valuesQuestion(entity, condition, noteOf),
    ...entity.columns.flatMap((column) => {
      const asked: AskedColumn = { outline, entity, column, condition, note: noteOf(column) };
      return [
        ...leftOutQuestions(outline, entity, column, moved, (leftOut) => {
          const noted = asked.note();
          noted.leftOut = [...(noted.leftOut ?? []), leftOut];
        }),
        ...orphansQuestion(asked),
        ...missingStaticsQuestions(asked),
        ...referenceQuestions(asked),
      ];
    }),
  ];
}

function questionAbout(
  { name, source }: DraftEntity,
  sql: string,
  answered: EntityQuestion['answered'],
): EntityQuestion {
  return { entity: name, table: source.name, sql, answered };
}

/** All columns in one scan. */
function valuesQuestion(
  entity: DraftEntity,
  condition: string,
  noteOf: (column: DraftColumn) => () => Noted,
): EntityQuestion[] {
  const questions = entity.columns.flatMap(questionsOf);
  if (questions.length === 0) return [];
  const sql = columnFactsQuery(quoteTable(entity.source.name), condition, questions);
  return [
    questionAbout(entity, sql, ([row = {}]) => {
      questions.forEach(({ column, fact }, index) => {
        const rows = integer(row, `answer${index}`);
        if (rows > 0) noteOf(column)()[fact] = rows;
      });
    }),
  ];
}

function questionsOf(column: DraftColumn): ColumnQuestion[] {
  const questions: ColumnQuestion[] = [];
  if (column.narrower) questions.push({ column, fact: 'tooLong' });
  if (column.refusesNull) questions.push({ column, fact: 'nulls' });
  return questions;
}

function orphansQuestion({ outline, entity, column, condition, note }: AskedColumn): EntityQuestion[] {
  const { treatment } = column;
  const enforced =
    treatment.kind === 'reference'
      ? treatment.enforcedInSource
      : treatment.kind === 'key' && (treatment.follows?.enforcedInSource ?? false);
  const dangling = identifiersOf(outline, column).flatMap(({ node, value, condition: isIdentifier }) => {
    const exists = existsInSource(outline, node, value);
    return exists === null ? [] : `(${isIdentifier} AND NOT ${exists})`;
  });
  if (enforced || dangling.length === 0) return [];
  const sql = `SELECT COUNT_BIG(*) AS orphans FROM ${quoteTable(entity.source.name)} t WHERE ${condition}\nAND (${dangling.join('\nOR ')})`;
  return [
    questionAbout(entity, sql, ([row = {}]) => {
      const orphans = integer(row, 'orphans');
      if (orphans > 0) note().orphans = orphans;
    }),
  ];
}

function referenceQuestions(asked: AskedColumn): EntityQuestion[] {
  const node = referencedNode(asked.outline, asked.column);
  if (node === null) return [];
  return node.kind === 'tenant' ? [tenantsQuestion(asked)] : ambiguousQuestion(asked, node);
}

/** 0 and '' usually mean "none"; where a row has them as its identifier nobody can tell (trap 21). */
function ambiguousQuestion({ entity, column, condition, note }: AskedColumn, node: DraftNode): EntityQuestion[] {
  if (node.source === null) return [];
  const none = node.keyKind === 'integer' ? '0' : "N''";
  const sql = `SELECT COUNT_BIG(*) AS ambiguous FROM ${quoteTable(entity.source.name)} t WHERE ${condition} AND t.${quoteName(column.source.column)} = ${none}
AND EXISTS (SELECT 1 FROM ${quoteTable(node.source.table)} target WHERE target.${quoteName(node.source.column)} = ${none})`;
  return [
    questionAbout(entity, sql, ([row = {}]) => {
      const ambiguous = integer(row, 'ambiguous');
      if (ambiguous > 0) note().ambiguous = ambiguous;
    }),
  ];
}

function tenantsQuestion({ entity, column, condition, note }: AskedColumn): EntityQuestion {
  const name = `t.${quoteName(column.source.column)}`;
  const sql = `SELECT ${name} AS tenant_id, COUNT_BIG(*) AS tenant_rows FROM ${quoteTable(entity.source.name)} t WHERE ${condition} AND ${name} IS NOT NULL GROUP BY ${name}`;
  return questionAbout(entity, sql, (rows) => {
    note().tenants = rows.map((row) => ({ id: Number(text(row, 'tenant_id')), rows: integer(row, 'tenant_rows') }));
  });
}

const parametersAStatement = 1_000;

/** Static records without counterpart that references, and values of processes, name. */
function missingStaticsQuestions(asked: AskedColumn): EntityQuestion[] {
  return identifiersOf(asked.outline, asked.column).flatMap((identifiers) => {
    const { node } = identifiers;
    if (node.kind !== 'staticEntity' || node.origin !== 'matched') return [];
    // The values of one column name records of several entities.
    const prefix = asked.column.treatment.kind === 'typedValue' ? `${nodeName(node)}.` : '';
    return missingOf(asked, identifiers, prefix);
  });
}

function missingOf(
  { outline, entity, condition, note }: AskedColumn,
  { node, value, condition: isIdentifier }: Identifiers,
  prefix: string,
): EntityQuestion[] {
  const missing = outline.statics.get(node.node)?.missing ?? [];
  // What refers to nothing in the source either (a record whose row is gone, trap 52) is an orphan, counted apart.
  const exists = existsInSource(outline, node, value);
  const there = exists === null ? '' : ` AND ${exists}`;
  const questions: EntityQuestion[] = [];
  for (let start = 0; start < missing.length; start += parametersAStatement) {
    const chunk = missing.slice(start, start + parametersAStatement);
    const parameters = Object.fromEntries(
      chunk.map((record, index): [string, SqlParameter] => [
        `id${index}`,
        { type: node.keyKind === 'integer' ? 'bigint' : 'nvarchar', value: record.dataId },
      ]),
    );
    const values = chunk.map((_, index) => `(${index}, @id${index})`).join(', ');
    const sql = `SELECT v.position AS position, COUNT_BIG(*) AS uses FROM ${quoteTable(entity.source.name)} t
INNER JOIN (VALUES ${values}) v (position, id) ON v.id${node.keyKind === 'text' ? ' COLLATE DATABASE_DEFAULT' : ''} = ${value}
WHERE ${condition} AND ${isIdentifier}${there} GROUP BY v.position`;
    const answered = (rows: Parameters<EntityQuestion['answered']>[0]): void => {
      const found = rows.map((row) => ({
        name: `${prefix}${chunk[integer(row, 'position')]?.name ?? ''}`,
        rows: integer(row, 'uses'),
      }));
      const noted = found.length > 0 ? note() : null;
      if (noted !== null) noted.missingStatics = [...(noted.missingStatics ?? []), ...found];
    };
    questions.push({ ...questionAbout(entity, sql, answered), parameters });
  }
  return questions;
}
