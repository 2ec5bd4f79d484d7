import type { OutputClause as OutputNode, OutputClauses, OutputInto } from '../../../tsql/ast.js';
import { unsupported } from '../../../tsql/unsupported.js';
import { SqlError } from '../../api.js';
import type { CatalogTable } from '../../catalog/model.js';
import type { Environment, QueryColumn } from '../environment.js';
import { derived } from '../expressions/boundExpression.js';
import { bindSelectList, type BoundItem } from '../queries/selectList.js';
import { columnMetadata } from '../metadata.js';
import type { DmlCommand, DmlExecution, ImageColumn, OutputClause } from '../result.js';
import { outputName, Scope, tableColumns, type Source } from '../scope.js';
import { postgresType, sized } from '../types/sqlTypes.js';
import { assign } from './assignment.js';
import { actionColumn, deletedName, insertedName, rowImages, sourceName } from './images.js';
import { findTarget } from './target.js';
import { insertColumns } from './targetColumns.js';

/** A modification without its RETURNING, and what its OUTPUT may refer to. */
export interface Modification {
  readonly environment: Environment;
  readonly command: DmlCommand;
  readonly table: CatalogTable;
  /** Triggers that must see the rows. */
  readonly events: readonly ('insert' | 'update' | 'delete')[];
  /** The text up to RETURNING. */
  readonly text: string;
  /** Sources of FROM or USING other than the target, with their columns as RETURNING sees them. */
  readonly sources: readonly Source[];
  /** Identity values are given: their range must come back. */
  readonly explicitIdentity?: { readonly postgresName: string; readonly index: number };
}

/** The whole statement and how it runs. */
export interface FinishedModification {
  readonly text: string;
  readonly execution: DmlExecution;
}

/** Adds RETURNING as OUTPUT, triggers and identity values need it. Error 334: OUTPUT to the client beside triggers. */
export function finishModification(modification: Modification, output: OutputClauses): FinishedModification {
  const { table, events, text, explicitIdentity } = modification;
  const clause = output.into ?? output.toClient;
  if (output.into !== undefined && output.toClient !== undefined) {
    throw unsupported('OUTPUT beside OUTPUT INTO in one statement', output.toClient.span);
  }
  const fires = events.filter((event) => table.triggers[event]);
  if (output.toClient !== undefined && fires.length > 0) {
    throw new SqlError(
      334,
      `The target table '${table.name}' of the DML statement cannot have any enabled triggers if the statement contains an OUTPUT clause without INTO clause.`,
      { line: output.toClient.span.line },
    );
  }
  if (fires.length > 0 || (clause !== undefined && explicitIdentity !== undefined))
    return inImageMode(modification, output);
  if (clause !== undefined) return directly(modification, output);
  if (explicitIdentity === undefined) return { text, execution: { mode: 'plain' } };
  const returned = `${text} RETURNING ${explicitIdentity.postgresName}::int8 AS id`;
  const range = `WITH modified AS (${returned}) SELECT count(*), min(id), max(id) FROM modified`;
  return { text: range, execution: { mode: 'identityRange' } };
}

/** OUTPUT straight from RETURNING. */
function directly(modification: Modification, output: OutputClauses): FinishedModification {
  const { text } = modification;
  const scope = directScope(modification);
  if (output.toClient !== undefined) {
    const items = bindOutput(modification, scope, output.toClient);
    const columns = items.map((item) => columnMetadata(item.column));
    return { text: `${text} RETURNING ${listText(items)}`, execution: { mode: 'rows', columns } };
  }
  if (output.into === undefined) return { text, execution: { mode: 'plain' } };
  const items = bindOutput(modification, scope, output.into);
  const into = intoInsert(modification, output.into, items, 'modified');
  return { text: `WITH modified AS (${text} RETURNING ${listText(items)}) ${into}`, execution: { mode: 'outputInto' } };
}

/** Rows go to the image relation first; triggers and OUTPUT read them there. */
function inImageMode(modification: Modification, output: OutputClauses): FinishedModification {
  const { environment, table, command, text } = modification;
  const images = rowImages(table, command);
  const alias = environment.builder.alias('o');
  const { scope, used } = imageScope(modification, alias);
  const clause = output.into ?? output.toClient;
  const items = clause === undefined ? [] : bindOutput(modification, scope, clause);
  const extra = usedSourceColumns(used, items, alias);
  const imageColumns = [...images.columns, ...extra.columns];
  const returning = [...images.returning, ...extra.returning];
  const names = imageColumns.map((column) => column.name).join(', ');
  const imageText = (relation: string): string =>
    `WITH modified AS (${text} RETURNING ${returning.join(', ')}) INSERT INTO ${relation} (${names}) SELECT ${names} FROM modified`;
  const made = clause === undefined ? undefined : outputOverImages(modification, output, items, alias);
  const execution: DmlExecution = {
    mode: 'images',
    imageColumns,
    imageText,
    ...(made === undefined ? {} : { output: made }),
  };
  return { text, execution };
}

function outputOverImages(
  modification: Modification,
  output: OutputClauses,
  items: readonly BoundItem[],
  alias: string,
): OutputClause {
  const { builder } = modification.environment;
  const select = (relation: string): string => `SELECT ${listText(items)} FROM ${relation} AS ${alias}`;
  // The statement's parameters are numbered for all of its texts together.
  const { parameters } = builder;
  if (output.into === undefined) {
    return { text: select, parameters, columns: items.map((item) => columnMetadata(item.column)) };
  }
  const into = intoInsert(modification, output.into, items, 'modified');
  return { text: (relation) => `WITH modified AS (${select(relation)}) ${into}`, parameters };
}

function listText(items: readonly BoundItem[]): string {
  return items.map((item, index) => `${item.value.sql} AS ${outputName(index)}`).join(', ');
}

/** `INSERT INTO target (…) SELECT … FROM rows`. Errors: 120/121 for the number of columns, 331 for triggers. */
function intoInsert(modification: Modification, into: OutputInto, items: readonly BoundItem[], rows: string): string {
  const { environment } = modification;
  const { builder } = environment;
  const target = findTarget(environment, into.target, 'OUTPUT INTO');
  if (target.triggers.insert || target.triggers.update || target.triggers.delete) {
    throw new SqlError(
      331,
      `The target table '${target.name}' of the OUTPUT INTO clause cannot have any enabled triggers.`,
      {
        line: into.span.line,
      },
    );
  }
  refuseConstraints(target, into);
  builder.use(target, 'INSERT');
  const columns = insertColumns(builder, target, into.columns);
  if (columns.given.length !== items.length) throw columnCount(items.length, columns.given.length, into);
  const values = columns.given.map((column, index) => {
    const item = items[index];
    if (item === undefined) return 'NULL';
    const { collation, isNull } = item.column;
    const value = {
      ...derived(`${rows}.${outputName(index)}`, item.value.type, true, collation),
      ...(isNull === true ? { literal: { kind: 'null' as const } } : {}),
    };
    return assign(builder, value, column, target);
  });
  const names = [...columns.given, ...columns.made.map((made) => made.column)].map((column) => column.postgresName);
  const all = [...values, ...columns.made.map((made) => made.value)];
  return `INSERT INTO ${target.postgresName} (${names.join(', ')}) SELECT ${all.join(', ')} FROM ${rows}`;
}

/** Errors 332 and 333. The sandbox looks at the foreign keys of the table itself, not at those that refer to it. */
function refuseConstraints(target: CatalogTable, into: OutputInto): void {
  const { line } = into.span;
  if (target.foreignKey !== undefined) {
    throw new SqlError(
      332,
      `The target table '${target.name}' of the OUTPUT INTO clause cannot be on either side of a (primary key, foreign key) relationship. Found reference constraint '${target.foreignKey}'.`,
      { line },
    );
  }
  if (target.enabledCheck === undefined) return;
  throw new SqlError(
    333,
    `The target table '${target.name}' of the OUTPUT INTO clause cannot have any enabled check constraints or any enabled rules. Found check constraint or rule '${target.enabledCheck}'.`,
    { line },
  );
}

function columnCount(items: number, columns: number, into: OutputInto): SqlError {
  if (into.columns === undefined) {
    return new SqlError(213, 'Column name or number of supplied values does not match table definition.', {
      line: into.span.line,
    });
  }
  return items < columns
    ? new SqlError(
        120,
        'The select list for the INSERT statement contains fewer items than the insert list. The number of SELECT values must match the number of INSERT columns.',
        { line: into.span.line },
      )
    : new SqlError(
        121,
        'The select list for the INSERT statement contains more items than the insert list. The number of SELECT values must match the number of INSERT columns.',
        { line: into.span.line },
      );
}

function bindOutput(modification: Modification, scope: Scope, clause: OutputNode): BoundItem[] {
  const { environment } = modification;
  const specification = {
    kind: 'select' as const,
    span: clause.span,
    distinct: false,
    top: undefined,
    items: clause.items,
    into: undefined,
    from: [],
    where: undefined,
    groupBy: [],
    having: undefined,
  };
  return bindSelectList({ ...environment, scope, aggregates: false, windows: false }, specification, 'derived');
}

function pseudoSource(
  modification: Modification,
  image: 'inserted' | 'deleted',
  sqlOf: (index: number, postgresName: string) => string,
): Source {
  const { environment, table, command } = modification;
  const columns = tableColumns(environment.builder, table, '').map((column, index) => ({
    name: column.name,
    value: {
      ...column.value,
      nullable: column.value.nullable || command === 'merge',
      sql: sqlOf(index, table.columns[index]?.postgresName ?? ''),
    },
  }));
  return { exposedName: image, postgresAlias: '', columns, aliased: true };
}

function images(modification: Modification): readonly ('inserted' | 'deleted')[] {
  switch (modification.command) {
    case 'insert':
      return ['inserted'];
    case 'delete':
      return ['deleted'];
    case 'update':
    case 'merge':
      return ['inserted', 'deleted'];
  }
}

const actionType = sized('nvarchar', 10);

function actionSource(modification: Modification, sql: string): Source[] {
  if (modification.command !== 'merge') return [];
  const collation = modification.environment.builder.context.databaseCollation;
  const value = derived(sql, { ...actionType, collation }, false, { name: collation, rank: 'coercible' });
  return [{ exposedName: '', postgresAlias: '', columns: [{ name: '$action', value }], aliased: true }];
}

function directScope(modification: Modification): Scope {
  const scope = new Scope(undefined);
  for (const image of images(modification)) {
    const prefix = image === 'inserted' ? 'new' : 'old';
    scope.sources.push(pseudoSource(modification, image, (_, postgresName) => `${prefix}.${postgresName}`));
  }
  scope.sources.push(...actionSource(modification, 'merge_action()'), ...modification.sources);
  return scope;
}

interface SourceColumnImage {
  readonly name: string;
  readonly sql: string;
  readonly column: QueryColumn;
}

/** The scope of OUTPUT over the image relation, and the source columns that it may draw on. */
function imageScope(modification: Modification, alias: string): { scope: Scope; used: SourceColumnImage[] } {
  const scope = new Scope(undefined);
  for (const image of images(modification)) {
    const nameOf = image === 'inserted' ? insertedName : deletedName;
    scope.sources.push(pseudoSource(modification, image, (index) => `${alias}.${nameOf(index)}`));
  }
  scope.sources.push(...actionSource(modification, `${alias}.${actionColumn}`));
  const used: SourceColumnImage[] = [];
  for (const source of modification.sources) {
    const columns = source.columns.map((column) => {
      const name = sourceName(used.length);
      used.push({
        name,
        sql: column.value.sql,
        column: { name: column.name, type: column.value.type, nullable: true },
      });
      return { name: column.name, value: { ...column.value, sql: `${alias}.${name}` } };
    });
    scope.sources.push({ ...source, columns });
  }
  return { scope, used };
}

/** Only source columns that OUTPUT refers to are carried through the image relation. */
function usedSourceColumns(
  candidates: readonly SourceColumnImage[],
  items: readonly BoundItem[],
  alias: string,
): { columns: ImageColumn[]; returning: string[] } {
  const names = new Set(
    items.flatMap((item) =>
      [...item.value.sql.matchAll(new RegExp(`\\b${alias}\\.(s\\d+)\\b`, 'g'))].map((match) => match[1]),
    ),
  );
  const kept = candidates.filter((candidate) => names.has(candidate.name));
  return {
    columns: kept.map((candidate) => ({ name: candidate.name, postgresType: postgresType(candidate.column.type) })),
    returning: kept.map((candidate) => `${candidate.sql} AS ${candidate.name}`),
  };
}
