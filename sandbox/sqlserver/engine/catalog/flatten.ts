import { isCharacter } from '../translate/types/sqlTypes.js';
import type {
  ColumnEntity,
  Entity,
  ForeignKeyEntity,
  IndexEntity,
  ReferentialAction,
  TableEntity,
  ViewEntity,
} from './entities.js';
import { entityKey } from './entities.js';
import type { FlatRow, FlatRows } from './flatTables.js';
import { nameKey } from './names.js';
import { sysnameUserTypeId, typeFacts } from './typeFacts.js';

type Rows = Partial<Record<keyof FlatRows, FlatRow[]>>;

/** The rows that show an entity in the catalog's tables. */
export function flatten(entity: Entity): FlatRows {
  const rows: Rows = {};
  const key = entityKey(entity);
  const add = (table: keyof FlatRows, row: FlatRow) => (rows[table] ??= []).push({ entity_key: key, ...row });
  switch (entity.kind) {
    case 'database':
      add('database', {
        database_id: entity.id,
        name: entity.name,
        name_key: nameKey(entity.name),
        collation_name: entity.collation,
        create_date: entity.createDate,
        snapshot_isolation: bit(entity.snapshotIsolation),
        read_committed_snapshot: bit(entity.readCommittedSnapshot),
        recovery_model: entity.recoveryModel,
        compatibility_level: entity.compatibilityLevel,
        read_only: bit(entity.readOnly),
        user_access: entity.userAccess,
        owner_login: entity.ownerLogin,
      });
      break;
    case 'schema':
      add('schema', {
        database_id: entity.databaseId,
        schema_id: entity.id,
        name: entity.name,
        name_key: nameKey(entity.name),
        principal_id: entity.ownerId,
      });
      break;
    case 'table':
      flattenTable(entity, add);
      break;
    case 'view':
      addObject(entity, add, { type: 'V', definition: entity.definition });
      for (const column of entity.columns) addColumn(entity, column, add);
      break;
    case 'login':
      add('login', {
        principal_id: entity.id,
        name: entity.name,
        name_key: nameKey(entity.name),
        type: entity.type,
        is_disabled: bit(entity.disabled),
        create_date: entity.createDate,
        default_database_name: entity.defaultDatabase,
      });
      for (const role of entity.roles) {
        add('role_member', { database_id: 0, role_principal_id: role, member_principal_id: entity.id });
      }
      break;
    case 'principal':
      add('principal', {
        database_id: entity.databaseId,
        principal_id: entity.id,
        name: entity.name,
        name_key: nameKey(entity.name),
        type: entity.type,
        is_fixed_role: bit(entity.fixedRole),
        default_schema_name: entity.defaultSchema,
        login_id: entity.loginId,
        owning_principal_id: entity.owningPrincipal,
        create_date: entity.createDate,
      });
      for (const role of entity.roles) {
        add('role_member', { database_id: entity.databaseId, role_principal_id: role, member_principal_id: entity.id });
      }
      break;
    case 'permissions':
      for (const entry of entity.entries) {
        add('permission', {
          database_id: entity.databaseId,
          class: entry.class,
          major_id: entry.majorId,
          minor_id: entry.minorId,
          grantee: entry.grantee,
          grantor: entry.grantor,
          permission_name: entry.permission,
          state: { grant: 'G', grantWithGrantOption: 'W', deny: 'D' }[entry.state],
        });
      }
      break;
  }
  return rows;
}

type Add = (table: keyof FlatRows, row: FlatRow) => void;

function bit(value: boolean): number {
  return value ? 1 : 0;
}

interface ObjectFacts {
  readonly type: string;
  readonly definition?: string;
}

function addObject(entity: TableEntity | ViewEntity, add: Add, facts: ObjectFacts): void {
  const table = entity.kind === 'table' ? entity : undefined;
  const view = entity.kind === 'view' ? entity : undefined;
  add('object', {
    database_id: entity.databaseId,
    object_id: entity.objectId,
    schema_id: entity.schemaId,
    parent_object_id: 0,
    name: entity.name,
    name_key: nameKey(entity.name),
    type: facts.type,
    create_date: entity.createDate,
    modify_date: entity.modifyDate,
    spid: table?.temporary?.spid ?? null,
    temp_scope: table?.temporary?.scope ?? null,
    definition: facts.definition ?? null,
    lock_escalation: table?.lockEscalation ?? null,
    schema_binding: bit(view?.schemaBinding ?? false),
    with_check_option: bit(view?.checkOption ?? false),
    postgres_name: table?.postgresName ?? null,
  });
}

function addChildObject(
  parent: TableEntity,
  child: { objectId: number; name: string; createDate: string; modifyDate?: string },
  facts: ObjectFacts,
  add: Add,
): void {
  add('object', {
    database_id: parent.databaseId,
    object_id: child.objectId,
    schema_id: parent.schemaId,
    parent_object_id: parent.objectId,
    name: child.name,
    name_key: nameKey(child.name),
    type: facts.type,
    create_date: child.createDate,
    modify_date: child.modifyDate ?? child.createDate,
    spid: parent.temporary?.spid ?? null,
    definition: facts.definition ?? null,
    schema_binding: 0,
    with_check_option: 0,
  });
}

function addColumn(owner: TableEntity | ViewEntity, column: ColumnEntity, add: Add): void {
  const facts = typeFacts(column.type);
  add('column', {
    database_id: owner.databaseId,
    object_id: owner.objectId,
    column_id: column.id,
    name: column.name,
    name_key: nameKey(column.name),
    system_type_id: facts.systemTypeId,
    user_type_id: column.userType === 'sysname' ? sysnameUserTypeId : facts.systemTypeId,
    max_length: facts.maxLength,
    precision: facts.precision,
    scale: facts.scale,
    collation_name: isCharacter(column.type) ? (column.type.collation ?? null) : null,
    is_nullable: bit(column.nullable),
    is_rowguidcol: bit(column.rowGuid),
    is_identity: bit(column.identity !== undefined),
    is_computed: bit(column.computed !== undefined),
    default_object_id: column.default?.objectId ?? 0,
    seed: column.identity?.seed ?? null,
    increment: column.identity?.increment ?? null,
    sequence: column.identity?.sequence ?? null,
    identity_not_for_replication: column.identity === undefined ? null : bit(column.identity.notForReplication),
    definition: column.computed?.definition ?? null,
    is_persisted: bit(column.computed?.persisted ?? false),
    type_name: column.userType ?? column.type.name,
  });
}

function flattenTable(table: TableEntity, add: Add): void {
  addObject(table, add, { type: 'U' });
  for (const column of table.columns) {
    addColumn(table, column, add);
    if (column.default === undefined) continue;
    addChildObject(table, column.default, { type: 'D', definition: column.default.definition }, add);
    add('default_constraint', {
      database_id: table.databaseId,
      object_id: column.default.objectId,
      parent_column_id: column.id,
      definition: column.default.definition,
      system_named: bit(column.default.systemNamed),
    });
  }
  flattenIndexes(table, add);
  for (const key of table.foreignKeys) flattenForeignKey(table, key, add);
  for (const check of table.checks) {
    addChildObject(table, check, { type: 'C', definition: check.definition }, add);
    add('check_constraint', {
      database_id: table.databaseId,
      object_id: check.objectId,
      parent_column_id: check.columnId,
      definition: check.definition,
      is_disabled: bit(check.disabled),
      is_not_trusted: bit(check.notTrusted),
      is_not_for_replication: bit(check.notForReplication),
      system_named: bit(check.systemNamed),
    });
  }
  for (const trigger of table.triggers) {
    addChildObject(table, trigger, { type: 'TR', definition: trigger.definition }, add);
    add('trigger', {
      database_id: table.databaseId,
      object_id: trigger.objectId,
      is_disabled: bit(trigger.disabled),
      is_not_for_replication: bit(trigger.notForReplication),
      on_insert: bit(trigger.events.includes('insert')),
      on_update: bit(trigger.events.includes('update')),
      on_delete: bit(trigger.events.includes('delete')),
    });
  }
}

function flattenIndexes(table: TableEntity, add: Add): void {
  const heap = !table.indexes.some((index) => index.clustered);
  if (heap) add('index', indexRow(table, { id: 0, name: null, type: 0 }));
  for (const index of table.indexes) {
    add('index', {
      ...indexRow(table, { id: index.id, name: index.name, type: index.clustered ? 1 : 2 }),
      is_unique: bit(index.unique),
      is_primary_key: bit(index.constraint?.type === 'PK'),
      is_unique_constraint: bit(index.constraint?.type === 'UQ'),
      filter_definition: index.filter ?? null,
      ignore_dup_key: bit(index.ignoreDuplicates),
      constraint_object_id: index.constraint?.objectId ?? null,
      system_named: bit(index.constraint?.systemNamed ?? false),
    });
    if (index.constraint !== undefined) addChildObject(table, index.constraint, { type: index.constraint.type }, add);
    flattenIndexColumns(table, index, add);
  }
}

function indexRow(table: TableEntity, index: { id: number; name: string | null; type: number }): FlatRow {
  return {
    database_id: table.databaseId,
    object_id: table.objectId,
    index_id: index.id,
    name: index.name,
    type: index.type,
    is_unique: 0,
    is_primary_key: 0,
    is_unique_constraint: 0,
    filter_definition: null,
    ignore_dup_key: 0,
    constraint_object_id: null,
    system_named: 0,
  };
}

function flattenIndexColumns(table: TableEntity, index: IndexEntity, add: Add): void {
  const common = { database_id: table.databaseId, object_id: table.objectId, index_id: index.id };
  let ordinal = 0;
  for (const column of index.columns) {
    ordinal += 1;
    add('index_column', {
      ...common,
      index_column_id: ordinal,
      column_id: column.columnId,
      key_ordinal: ordinal,
      is_descending_key: bit(column.descending),
      is_included_column: 0,
    });
  }
  for (const columnId of index.included) {
    ordinal += 1;
    add('index_column', {
      ...common,
      index_column_id: ordinal,
      column_id: columnId,
      key_ordinal: 0,
      is_descending_key: 0,
      is_included_column: 1,
    });
  }
}

const actionCodes: Readonly<Record<ReferentialAction, number>> = { noAction: 0, cascade: 1, setNull: 2, setDefault: 3 };

function flattenForeignKey(table: TableEntity, key: ForeignKeyEntity, add: Add): void {
  addChildObject(table, key, { type: 'F' }, add);
  add('foreign_key', {
    database_id: table.databaseId,
    object_id: key.objectId,
    referenced_object_id: key.referencedObjectId,
    key_index_id: key.referencedIndexId,
    is_disabled: bit(key.disabled),
    is_not_trusted: bit(key.notTrusted),
    is_not_for_replication: bit(key.notForReplication),
    delete_action: actionCodes[key.onDelete],
    update_action: actionCodes[key.onUpdate],
    system_named: bit(key.systemNamed),
  });
  key.columns.forEach((pair, index) =>
    add('foreign_key_column', {
      database_id: table.databaseId,
      constraint_object_id: key.objectId,
      constraint_column_id: index + 1,
      parent_object_id: table.objectId,
      parent_column_id: pair.columnId,
      referenced_object_id: key.referencedObjectId,
      referenced_column_id: pair.referencedColumnId,
    }),
  );
}
