import { SqlError, type SqlType } from '../api.js';
import { currentDatetime } from '../clock.js';
import type { ColumnEntity, DefaultEntity, IdentityEntity } from '../catalog/entities.js';
import { postgresIdentifier, quotePostgres } from '../catalog/names.js';
import type { ColumnDefinition, DefaultConstraint } from '../../tsql/ast.js';
import { resolveDataType } from '../../tsql/dataType.js';
import { unsupported } from '../../tsql/unsupported.js';
import { translateComputed, translateDefault } from '../interpreter/translation.js';
import { findCollation } from '../translate/types/collations.js';
import { isCharacter, postgresType } from '../translate/types/sqlTypes.js';
import { expressionDefinition } from './definitionText.js';
import { duplicateColumn } from './ddlErrors.js';
import type { TableDraft } from './tableDraft.js';

/** Names that PostgreSQL keeps for itself in every table. */
const postgresSystemColumns = new Set(['tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid']);

export function postgresColumnName(name: string): string {
  return quotePostgres(postgresIdentifier(postgresSystemColumns.has(name) ? `${name}~` : name));
}

/** Adds a column to the draft's entity, not yet to PostgreSQL; gives its text for CREATE TABLE or ADD COLUMN. */
export async function draftColumn(draft: TableDraft, definition: ColumnDefinition): Promise<ColumnEntity> {
  if (draft.column(definition.name) !== undefined) throw duplicateColumn(definition.name, draft.entity.name);
  const id = draft.entity.nextColumnId;
  const common = { id, name: definition.name, postgresName: postgresColumnName(definition.name) };
  const column =
    definition.computed === undefined
      ? await storedColumn(draft, definition, common)
      : await computedColumn(draft, definition, common);
  draft.change({ columns: [...draft.entity.columns, column], nextColumnId: id + 1 });
  return column;
}

type ColumnStart = Pick<ColumnEntity, 'id' | 'name' | 'postgresName'>;

async function storedColumn(
  draft: TableDraft,
  definition: ColumnDefinition,
  start: ColumnStart,
): Promise<ColumnEntity> {
  if (definition.type === undefined) throw new Error(`Column ${definition.name} has no type.`);
  if (definition.sparse) throw unsupported('SPARSE columns', definition.span);
  const resolved = resolveDataType(definition.type, 'declaration', start.id);
  const type = columnType(draft, resolved, definition.collation);
  const isKey = definition.constraints.some((constraint) => constraint.kind === 'primaryKey');
  const identity = definition.identity === undefined ? undefined : await createIdentity(draft, definition, type, start);
  const nullable = definition.nullable ?? !(isKey || identity !== undefined);
  if (definition.nullable === true && isKey) throw nullableKey(draft.entity.name);
  if (definition.nullable === true && identity !== undefined) {
    throw new SqlError(
      8147,
      `Could not create IDENTITY attribute on nullable column '${definition.name}', table '${draft.entity.name}'.`,
    );
  }
  const column: ColumnEntity = {
    ...start,
    type,
    nullable,
    rowGuid: definition.rowGuidCol,
    ...(definition.type.name === 'sysname' ? { userType: 'sysname' as const } : {}),
    ...(identity === undefined ? {} : { identity }),
  };
  const written = definition.constraints.find((constraint) => constraint.kind === 'defaultConstraint');
  return written === undefined ? column : withDefault(draft, column, written);
}

export function nullableKey(table: string): SqlError {
  return new SqlError(8111, `Cannot define PRIMARY KEY constraint on nullable column in table '${table}'.`);
}

/** The type with its collation: that of the COLLATE clause, or the database's. */
export function columnType(draft: TableDraft, type: SqlType, collation: string | undefined): SqlType {
  if (!isCharacter(type)) {
    if (collation !== undefined) {
      throw new SqlError(447, `Expression type ${type.name} is invalid for COLLATE clause.`, { state: 0 });
    }
    return type;
  }
  const name = collation === undefined ? defaultCollation(draft) : namedCollation(draft, collation);
  findCollation(name);
  return { ...type, collation: name };
}

/** COLLATE database_default means the current database's, for temporary tables too: COLLATE (Transact-SQL). */
function namedCollation(draft: TableDraft, collation: string): string {
  return collation.toUpperCase() === 'DATABASE_DEFAULT' ? draft.session.database.collation : collation;
}

/** Columns of temporary tables take tempdb's collation, those of table variables the current database's. */
function defaultCollation(draft: TableDraft): string {
  return draft.entity.name.startsWith('@') ? draft.session.database.collation : draft.databaseCollation;
}

async function computedColumn(
  draft: TableDraft,
  definition: ColumnDefinition,
  start: ColumnStart,
): Promise<ColumnEntity> {
  const { computed } = definition;
  if (computed === undefined) throw new Error(`Column ${definition.name} is not computed.`);
  const translated = translateComputed(draft.session, computed.expression, draft.entity);
  return Promise.resolve({
    ...start,
    type: isCharacter(translated.type)
      ? columnType(draft, translated.type, translated.type.collation)
      : translated.type,
    nullable: definition.nullable ?? translated.nullable,
    rowGuid: false,
    computed: {
      definition: expressionDefinition(computed.expression) ?? parenthesized(computed.definition),
      persisted: computed.persisted,
    },
  });
}

const identityRanges: Readonly<Record<string, readonly [least: bigint, greatest: bigint]>> = {
  tinyint: [0n, 255n],
  smallint: [-32_768n, 32_767n],
  int: [-2_147_483_648n, 2_147_483_647n],
  bigint: [-9_223_372_036_854_775_808n, 9_223_372_036_854_775_807n],
};

async function createIdentity(
  draft: TableDraft,
  definition: ColumnDefinition,
  type: SqlType,
  start: ColumnStart,
): Promise<IdentityEntity> {
  const { identity, name, span } = definition;
  if (identity === undefined) throw new Error(`Column ${name} is no identity.`);
  if (draft.entity.columns.some((column) => column.identity !== undefined)) {
    throw new SqlError(
      2744,
      `Multiple identity columns specified for table '${draft.entity.name}'. Only one identity column per table is allowed.`,
      { state: 2, line: span.line },
    );
  }
  const wholeDecimal = (type.name === 'decimal' || type.name === 'numeric') && (type.scale ?? 0) === 0;
  const range = wholeDecimal ? decimalRange(type.precision ?? 18) : identityRanges[type.name];
  if (range === undefined) {
    throw new SqlError(
      2749,
      `Identity column '${name}' must be of data type int, bigint, smallint, tinyint, or decimal or numeric with a scale of 0, unencrypted, and constrained to be nonnullable.`,
      { state: 2, line: span.line },
    );
  }
  const { seed, increment } = identity;
  if (increment === 0n || seed < range[0] || seed > range[1]) {
    throw new SqlError(increment === 0n ? 2748 : 2747, identityMessage(name, increment === 0n), { line: span.line });
  }
  const sequence = sequenceName(draft, start.id);
  const kind = draft.entity.temporary === undefined ? '' : 'temporary ';
  await draft.execute(
    `create ${kind}sequence ${draft.entity.temporary === undefined ? sequence : sequence.slice('pg_temp.'.length)} ` +
      `as int8 increment by ${increment} minvalue ${range[0]} maxvalue ${range[1]} start with ${seed}`,
  );
  return {
    seed: seed.toString(),
    increment: increment.toString(),
    sequence,
    notForReplication: identity.notForReplication,
  };
}

function identityMessage(column: string, zeroIncrement: boolean): string {
  return zeroIncrement
    ? `Cannot specify 0 as the increment for identity column '${column}'.`
    : `Identity column '${column}' contains invalid SEED.`;
}

function decimalRange(precision: number): readonly [bigint, bigint] {
  const bigint = identityRanges['bigint'] as readonly [bigint, bigint];
  const greatest = 10n ** BigInt(precision) - 1n;
  return greatest > bigint[1] ? bigint : [-greatest, greatest];
}

function sequenceName(draft: TableDraft, columnId: number): string {
  const schema = draft.entity.postgresName.slice(0, draft.entity.postgresName.lastIndexOf('."'));
  return `${schema}.${quotePostgres(`id:${draft.entity.objectId}:${columnId}`)}`;
}

/** The column with a DEFAULT constraint. */
export function withDefault(draft: TableDraft, column: ColumnEntity, constraint: DefaultConstraint): ColumnEntity {
  if (column.identity !== undefined) {
    throw new SqlError(
      1754,
      `Defaults cannot be created on columns with an IDENTITY attribute. Table '${draft.entity.name}', column '${column.name}'.`,
    );
  }
  const objectId = draft.nextObjectId();
  const name = constraint.name ?? draft.generatedName('DF', objectId, column.name);
  draft.claimName(name);
  const stored = translateDefault(draft.session, constraint.expression, column.type);
  const entity: DefaultEntity = {
    objectId,
    name,
    systemNamed: constraint.name === undefined,
    createDate: currentDatetime().toString(),
    definition: expressionDefinition(constraint.expression) ?? parenthesized(constraint.definition),
    postgresExpression: stored.text,
  };
  return { ...column, default: entity };
}

/** A definition as the catalog shows it: constants of numbers in two pairs of parentheses, all else in one. */
export function parenthesized(definition: string): string {
  let inner = definition.trim();
  while (inner.startsWith('(') && closesAtEnd(inner)) inner = inner.slice(1, -1).trim();
  return /^[-+]?[\d.]+(e[-+]?\d+)?$/i.test(inner) ? `((${inner}))` : `(${inner})`;
}

/** True if the parenthesis that opens the text is closed by its last character. */
function closesAtEnd(text: string): boolean {
  let depth = 0;
  let quote = '';
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === "'" || character === '"') {
      quote = character;
    } else if (character === '[') {
      quote = ']';
    } else if (character === '(') {
      depth += 1;
    } else if (character === ')') {
      depth -= 1;
      if (depth === 0) return index === text.length - 1;
    }
  }
  return false;
}

/** A column in PostgreSQL's CREATE TABLE and ADD COLUMN. */
export function postgresColumn(draft: TableDraft, column: ColumnEntity, withDefaultClause = true): string {
  const parts = [column.postgresName, postgresType(column.type)];
  if (!column.nullable) parts.push('not null');
  if (column.identity !== undefined) {
    parts.push(`default nextval('${column.identity.sequence.replaceAll("'", "''")}')`);
  } else if (column.computed !== undefined) {
    const { text } = translateComputed(draft.session, column.computed.definition, draft.entity);
    parts.push(`generated always as (${text}) stored`);
  } else if (column.default !== undefined && withDefaultClause) {
    parts.push(`default ${column.default.postgresExpression}`);
  }
  return parts.join(' ');
}
