import { SqlError } from '../api.js';
import type { ColumnEntity, TableEntity } from '../catalog/entities.js';
import { sameName } from '../catalog/names.js';
import type {
  AlterTableAction,
  AlterTableStatement,
  ColumnDefinition,
  Identifier,
  SwitchTriggerStatement,
  TableConstraint,
} from '../../tsql/ast.js';
import { resolveDataType } from '../../tsql/dataType.js';
import { translateConversion } from '../interpreter/translation.js';
import type { Session } from '../session/session.js';
import { sameType, postgresType } from '../translate/types/sqlTypes.js';
import { addCheck, createCheck, dropCheck } from './checks.js';
import { columnType, draftColumn, postgresColumn, withDefault } from './columns.js';
import { constraintMissing, notAConstraint } from './ddlErrors.js';
import { addForeignKey, createForeignKey, dropForeignKey } from './foreignKeys.js';
import { addKey, dropPostgresIndex } from './keys.js';
import { TableDraft } from './tableDraft.js';
import { requireAlter, tableNamed } from './tableLookup.js';

type Action<Kind extends AlterTableAction['kind']> = Extract<AlterTableAction, { kind: Kind }>;

/** ALTER TABLE. The table is locked first, so that two sessions do not change its metadata at once. */
export async function alterTable(session: Session, statement: AlterTableStatement): Promise<void> {
  const seen = tableNamed(session, statement.table, 4902);
  requireAlter(session, seen);
  await session.connection.execute(`lock table ${seen.postgresName} in share row exclusive mode`);
  const draft = new TableDraft(session, tableNamed(session, statement.table, 4902), false);
  const { action } = statement;
  switch (action.kind) {
    case 'add':
      await add(draft, action);
      break;
    case 'dropColumn':
      for (const column of action.columns) await dropColumn(draft, column.name, action.ifExists);
      break;
    case 'dropConstraint':
      for (const constraint of action.constraints) await dropConstraint(draft, constraint.name, action.ifExists);
      break;
    case 'alterColumn':
      await alterColumn(draft, action);
      break;
    case 'checkConstraint':
      await switchConstraints(draft, action);
      break;
    case 'switchTrigger':
      setTriggers(draft, action.triggers === 'all' ? 'all' : action.triggers.map(({ name }) => name), action.enable);
      break;
    case 'setLockEscalation':
      draft.change({ lockEscalation: action.value });
      break;
  }
  await draft.save();
}

/** ENABLE TRIGGER, DISABLE TRIGGER. */
export async function switchTriggers(session: Session, statement: SwitchTriggerStatement): Promise<void> {
  const table = tableNamed(session, statement.table);
  requireAlter(session, table);
  const draft = new TableDraft(session, table, false);
  const names = statement.triggers === 'all' ? 'all' : statement.triggers.map(({ object }) => object);
  setTriggers(draft, names, statement.enable);
  await draft.save();
}

function setTriggers(draft: TableDraft, names: readonly string[] | 'all', enable: boolean): void {
  const { entity, databaseCollation } = draft;
  const chosen = (trigger: string) =>
    names === 'all' || names.some((name) => sameName(name, trigger, databaseCollation));
  if (names !== 'all') {
    for (const name of names) {
      if (entity.triggers.some((trigger) => sameName(trigger.name, name, databaseCollation))) continue;
      throw new SqlError(
        4920,
        `ALTER TABLE failed because trigger '${name}' on table '${entity.name}' does not exist.`,
        { state: 0 },
      );
    }
  }
  draft.change({
    triggers: entity.triggers.map((trigger) => (chosen(trigger.name) ? { ...trigger, disabled: !enable } : trigger)),
  });
}

async function add(draft: TableDraft, action: Action<'add'>): Promise<void> {
  const trusted = action.withCheck ?? true;
  for (const element of action.elements) {
    if (element.kind === 'columnDefinition') await addColumn(draft, element, trusted);
    else await addConstraint(draft, element, undefined, trusted);
  }
}

async function addConstraint(
  draft: TableDraft,
  constraint: TableConstraint,
  column: ColumnEntity | undefined,
  trusted: boolean,
): Promise<void> {
  switch (constraint.kind) {
    case 'primaryKey':
    case 'unique':
      return addKey(draft, constraint);
    case 'check':
      return addCheck(draft, constraint, column, trusted);
    case 'foreignKey':
      return addForeignKey(draft, constraint, trusted);
    case 'defaultConstraint': {
      const target = draft.column(constraint.column);
      if (target === undefined) {
        throw new SqlError(
          1752,
          `Column '${constraint.column}' in table '${draft.entity.name}' is invalid for creating a default constraint.`,
          { state: 0 },
        );
      }
      if (target.default !== undefined) {
        throw new SqlError(1781, 'Column already has a DEFAULT bound to it.');
      }
      const changed = withDefault(draft, target, constraint);
      await draft.execute(
        `alter table ${draft.entity.postgresName} alter column ${target.postgresName} set default ${changed.default?.postgresExpression ?? 'null'}`,
      );
      draft.replaceColumn(changed);
    }
  }
}

async function addColumn(draft: TableDraft, definition: ColumnDefinition, trusted: boolean): Promise<void> {
  const column = await draftColumn(draft, definition);
  const table = draft.entity.postgresName;
  const constraint = definition.constraints.find((candidate) => candidate.kind === 'defaultConstraint');
  const fillsRows = !column.nullable || (constraint?.kind === 'defaultConstraint' && constraint.withValues);
  const provided = column.default !== undefined || column.identity !== undefined || column.computed !== undefined;
  if (!column.nullable && !provided) await requireEmpty(draft, column.name);
  await draft.execute(`alter table ${table} add column ${postgresColumn(draft, column, fillsRows)}`);
  if (column.default !== undefined && !fillsRows) {
    await draft.execute(
      `alter table ${table} alter column ${column.postgresName} set default ${column.default.postgresExpression}`,
    );
  }
  if (column.identity !== undefined) {
    await draft.execute(`alter sequence ${column.identity.sequence} owned by ${table}.${column.postgresName}`);
  }
  for (const other of definition.constraints) {
    if (other.kind !== 'defaultConstraint') await addConstraint(draft, other, draft.column(definition.name), trusted);
  }
}

async function requireEmpty(draft: TableDraft, column: string): Promise<void> {
  const rows = await draft.session.connection.rows(`select 1 from ${draft.entity.postgresName} limit 1`);
  if (rows.length === 0) return;
  throw new SqlError(
    4901,
    `ALTER TABLE only allows columns to be added that can contain nulls, or have a DEFAULT definition specified, or the column being added is an identity or timestamp column, or alternatively if none of the previous conditions are satisfied the table must be empty to allow addition of this column. Column '${column}' cannot be added to non-empty table '${draft.entity.name}' because it does not satisfy these conditions.`,
  );
}

async function dropColumn(draft: TableDraft, name: string, ifExists: boolean): Promise<void> {
  const column = draft.column(name);
  const { entity } = draft;
  if (column === undefined) {
    if (ifExists) return;
    throw new SqlError(
      4924,
      `ALTER TABLE DROP COLUMN failed because column '${name}' does not exist in table '${entity.name}'.`,
    );
  }
  const dependents = dependentsOf(draft, column);
  if (dependents.length > 0) {
    throw new SqlError(4922, `ALTER TABLE DROP COLUMN ${name} failed because one or more objects access this column.`, {
      state: 9,
    });
  }
  if (entity.columns.length === 1) {
    throw new SqlError(
      4923,
      `ALTER TABLE DROP COLUMN failed because '${name}' is the only data column in table '${entity.name}'. A table must have at least one data column.`,
    );
  }
  await draft.execute(`alter table ${entity.postgresName} drop column ${column.postgresName}`);
  draft.change({ columns: entity.columns.filter((other) => other.id !== column.id) });
}

/** Names of constraints and indexes that use the column. */
function dependentsOf(draft: TableDraft, column: ColumnEntity): string[] {
  const { entity } = draft;
  const names: string[] = [];
  if (column.default !== undefined) names.push(column.default.name);
  for (const index of entity.indexes) {
    const used = index.columns.some((key) => key.columnId === column.id) || index.included.includes(column.id);
    if (used) names.push(index.name);
  }
  for (const key of entity.foreignKeys) {
    if (key.columns.some((pair) => pair.columnId === column.id)) names.push(key.name);
  }
  for (const check of entity.checks) {
    if (check.columnId === column.id || mentions(check.definition, column.name)) names.push(check.name);
  }
  for (const other of entity.columns) {
    if (other.computed !== undefined && mentions(other.computed.definition, column.name)) names.push(other.name);
  }
  return names;
}

function mentions(definition: string, column: string): boolean {
  const escaped = column.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(^|[^\\w@#$])${escaped}($|[^\\w@#$])`, 'i').test(definition);
}

async function dropConstraint(draft: TableDraft, name: string, ifExists: boolean): Promise<void> {
  const { entity, databaseCollation } = draft;
  const named = (constraint: { readonly name: string }) => sameName(constraint.name, name, databaseCollation);
  const key = entity.foreignKeys.find(named);
  if (key !== undefined) {
    await dropForeignKey(draft, key);
    draft.change({ foreignKeys: entity.foreignKeys.filter((other) => other !== key) });
    return;
  }
  const check = entity.checks.find(named);
  if (check !== undefined) {
    await dropCheck(draft, check);
    draft.change({ checks: entity.checks.filter((other) => other !== check) });
    return;
  }
  const column = entity.columns.find((candidate) => candidate.default !== undefined && named(candidate.default));
  if (column !== undefined) {
    await draft.execute(`alter table ${entity.postgresName} alter column ${column.postgresName} drop default`);
    const { default: _, ...rest } = column;
    draft.replaceColumn(rest);
    return;
  }
  const index = entity.indexes.find((candidate) => candidate.constraint !== undefined && named(candidate.constraint));
  if (index !== undefined) {
    requireUnreferenced(draft, name, index.id);
    await dropPostgresIndex(draft.session, entity, index);
    draft.change({ indexes: entity.indexes.filter((other) => other !== index) });
    return;
  }
  if (ifExists) return;
  throw notAConstraint(name);
}

/** Error 3725: a foreign key relies on the key. */
function requireUnreferenced(draft: TableDraft, name: string, indexId: number): void {
  const { entity, session } = draft;
  for (const other of session.catalog.objects(entity.databaseId)) {
    if (other.kind !== 'table') continue;
    const current: TableEntity = other.objectId === entity.objectId ? entity : other;
    const key = current.foreignKeys.find(
      (candidate) => candidate.referencedObjectId === entity.objectId && candidate.referencedIndexId === indexId,
    );
    if (key === undefined) continue;
    throw new SqlError(
      3725,
      `The constraint '${name}' is being referenced by table '${other.name}', foreign key constraint '${key.name}'.`,
      { state: 0 },
    );
  }
}

async function alterColumn(draft: TableDraft, action: Action<'alterColumn'>): Promise<void> {
  const { entity } = draft;
  const column = draft.column(action.column);
  if (column === undefined) {
    throw new SqlError(
      4924,
      `ALTER TABLE ALTER COLUMN failed because column '${action.column}' does not exist in table '${entity.name}'.`,
    );
  }
  const type = columnType(draft, resolveDataType(action.type, 'declaration', column.id), action.collation);
  const nullable = action.nullable ?? true;
  const changesType = !sameType(type, column.type);
  const sameFamily = type.name === column.type.name;
  const blocking = dependentsOf(draft, column).filter((name) => name !== column.default?.name || !sameFamily);
  const keysOnly =
    blocking.length > 0 && sameFamily && widens(column, type) && type.collation === column.type.collation;
  if (column.computed !== undefined || (changesType && blocking.length > 0 && !keysOnly)) {
    throw new SqlError(5074, `The object '${blocking[0] ?? column.name}' is dependent on column '${column.name}'.`);
  }
  const table = entity.postgresName;
  if (changesType) {
    const converted = translateConversion(draft.session, column.postgresName, column.type, type);
    const hasDefault = column.default !== undefined;
    if (hasDefault) await draft.execute(`alter table ${table} alter column ${column.postgresName} drop default`);
    await draft.execute(
      `alter table ${table} alter column ${column.postgresName} type ${postgresType(type)} using ${converted}`,
    );
    if (hasDefault) {
      await draft.execute(
        `alter table ${table} alter column ${column.postgresName} set default ${column.default?.postgresExpression ?? ''}`,
      );
    }
  }
  if (nullable !== column.nullable) {
    const isKey = entity.indexes.some(
      (index) => index.constraint?.type === 'PK' && index.columns.some((key) => key.columnId === column.id),
    );
    if (nullable && (isKey || column.identity !== undefined)) {
      throw new SqlError(
        5074,
        `The object '${entity.indexes[0]?.name ?? ''}' is dependent on column '${column.name}'.`,
      );
    }
    await draft.execute(
      `alter table ${table} alter column ${column.postgresName} ${nullable ? 'drop' : 'set'} not null`,
    );
  }
  const { userType: _, ...rest } = column;
  draft.replaceColumn({ ...rest, type, nullable });
}

function widens(column: ColumnEntity, type: ColumnEntity['type']): boolean {
  const before = column.type.length;
  const after = type.length;
  return typeof before === 'number' && (after === 'max' || (typeof after === 'number' && after >= before));
}

/** [WITH CHECK | NOCHECK] CHECK | NOCHECK CONSTRAINT: WITH CHECK looks at all rows and trusts the constraint again. */
async function switchConstraints(draft: TableDraft, action: Action<'checkConstraint'>): Promise<void> {
  const { entity, databaseCollation } = draft;
  const all = [...entity.foreignKeys, ...entity.checks].map(({ name }) => name);
  const names = action.constraints === 'all' ? all : action.constraints.map(({ name }: Identifier) => name);
  const validate = action.enable && action.withCheck === true;
  for (const name of names) {
    const key = draft.entity.foreignKeys.find((candidate) => sameName(candidate.name, name, databaseCollation));
    const check = draft.entity.checks.find((candidate) => sameName(candidate.name, name, databaseCollation));
    if (key === undefined && check === undefined) throw constraintMissing(name);
    const state = (wasTrusted: boolean) => ({
      disabled: !action.enable,
      notTrusted: action.enable ? !(validate || wasTrusted) : true,
    });
    if (key !== undefined) {
      const wasTrusted = !key.disabled && !key.notTrusted;
      if (action.enable && !(wasTrusted && !validate)) {
        await dropForeignKey(draft, key);
        await createForeignKey(draft, key, validate);
      } else if (!action.enable) {
        await dropForeignKey(draft, key);
      }
      const changed = { ...key, ...state(wasTrusted) };
      draft.change({ foreignKeys: draft.entity.foreignKeys.map((other) => (other === key ? changed : other)) });
    }
    if (check !== undefined) {
      const wasTrusted = !check.disabled && !check.notTrusted;
      await dropCheck(draft, check);
      if (action.enable) await createCheck(draft, check, validate);
      const changed = { ...check, ...state(wasTrusted) };
      draft.change({ checks: draft.entity.checks.map((other) => (other === check ? changed : other)) });
    }
  }
}
