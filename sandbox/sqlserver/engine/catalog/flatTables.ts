/**
 * The PostgreSQL tables behind the catalog. `entity` keeps each entity as a document: the engine loads it at its start.
 * The others show the same facts in rows, for the system views and the system functions, so that these follow
 * PostgreSQL's own transactions and snapshots. Column types are those that keep the T-SQL types of the views.
 */
export const flatTables = {
  database: `database_id int4, name text, name_key text, collation_name text, create_date int8, snapshot_isolation int2,
    read_committed_snapshot int2, recovery_model text, compatibility_level int2, read_only int2, user_access text,
    owner_login int4`,
  schema: 'database_id int4, schema_id int4, name text, name_key text, principal_id int4',
  object: `database_id int4, object_id int4, schema_id int4, parent_object_id int4, name text, name_key text, type text,
    create_date int8, modify_date int8, spid int4, temp_scope int4, definition text, lock_escalation text,
    schema_binding int2, with_check_option int2, postgres_name text`,
  column: `database_id int4, object_id int4, column_id int4, name text, name_key text, system_type_id int2,
    user_type_id int4, max_length int2, precision int2, scale int2, collation_name text, is_nullable int2,
    is_rowguidcol int2, is_identity int2, is_computed int2, default_object_id int4, seed numeric(38,0),
    increment numeric(38,0), sequence text, identity_not_for_replication int2, definition text, is_persisted int2,
    type_name text`,
  index: `database_id int4, object_id int4, index_id int4, name text, type int2, is_unique int2, is_primary_key int2,
    is_unique_constraint int2, filter_definition text, ignore_dup_key int2, constraint_object_id int4, system_named int2`,
  index_column: `database_id int4, object_id int4, index_id int4, index_column_id int4, column_id int4, key_ordinal int2,
    is_descending_key int2, is_included_column int2`,
  foreign_key: `database_id int4, object_id int4, referenced_object_id int4, key_index_id int4, is_disabled int2,
    is_not_trusted int2, is_not_for_replication int2, delete_action int2, update_action int2, system_named int2`,
  foreign_key_column: `database_id int4, constraint_object_id int4, constraint_column_id int4, parent_object_id int4,
    parent_column_id int4, referenced_object_id int4, referenced_column_id int4`,
  check_constraint: `database_id int4, object_id int4, parent_column_id int4, definition text, is_disabled int2,
    is_not_trusted int2, is_not_for_replication int2, system_named int2`,
  default_constraint: 'database_id int4, object_id int4, parent_column_id int4, definition text, system_named int2',
  trigger: `database_id int4, object_id int4, is_disabled int2, is_not_for_replication int2, on_insert int2,
    on_update int2, on_delete int2`,
  login: `principal_id int4, name text, name_key text, type text, is_disabled int2, create_date int8,
    default_database_name text`,
  principal: `database_id int4, principal_id int4, name text, name_key text, type text, is_fixed_role int2,
    default_schema_name text, login_id int4, owning_principal_id int4, create_date int8`,
  role_member: 'database_id int4, role_principal_id int4, member_principal_id int4',
  permission: `database_id int4, class int2, major_id int4, minor_id int4, grantee int4, grantor int4,
    permission_name text, state text`,
} as const;

export type FlatTable = keyof typeof flatTables;
export type FlatRow = Readonly<Record<string, string | number | null>>;
export type FlatRows = Partial<Record<FlatTable, readonly FlatRow[]>>;

const tableNames = Object.keys(flatTables) as FlatTable[];

const keyIndexes: Partial<Record<FlatTable, string>> = {
  object: 'database_id, object_id',
  column: 'database_id, object_id, column_id',
  index: 'database_id, object_id',
  index_column: 'database_id, object_id',
  foreign_key: 'database_id, object_id',
  permission: 'database_id, major_id',
};

/** Creates the catalog's tables and the functions that write an entity with its rows. */
export function catalogSchema(): string {
  const tables = tableNames.map((name) => {
    const extra = keyIndexes[name];
    return `create table sandbox."${name}" (entity_key text not null, ${flatTables[name]});
      create index on sandbox."${name}" (entity_key);
      ${extra === undefined ? '' : `create index on sandbox."${name}" (${extra});`}`;
  });
  const deletes = tableNames.map((name) => `delete from sandbox."${name}" where entity_key = key;`);
  const inserts = tableNames.map(
    (name) => `if rows ? '${name}' then
      insert into sandbox."${name}" select * from jsonb_populate_recordset(null::sandbox."${name}", rows->'${name}');
    end if;`,
  );
  return `
    create schema sandbox;
    create table sandbox.version (version int4 not null);
    create table sandbox.entity (key text primary key, document jsonb not null);
    create index object_name on sandbox.entity (key);
    ${tables.join('\n')}
    create index on sandbox.object (database_id, name_key);
    create unique index on sandbox.login (name_key);
    create function sandbox.delete_entity(key text) returns void language plpgsql as $$
    begin
      delete from sandbox.entity e where e.key = delete_entity.key;
      ${deletes.join('\n')}
    end $$;
    create function sandbox.put_entity(key text, fresh boolean, document jsonb, rows jsonb) returns void
    language plpgsql as $$
    begin
      if not fresh then
        -- Of two who replace an entity at once the second must see what the first has put in its place.
        perform pg_advisory_xact_lock(hashtextextended(key, 0));
        perform sandbox.delete_entity(key);
      end if;
      insert into sandbox.entity values (key, document);
      ${inserts.join('\n')}
    end $$;`;
}
