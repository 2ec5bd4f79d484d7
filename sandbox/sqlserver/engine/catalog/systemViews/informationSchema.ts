import {
  choose,
  column,
  constant,
  int,
  smallint,
  sysname,
  text,
  tinyint,
  varchar,
  type SystemView,
  type SystemViewColumn,
} from './definition.js';

/** INFORMATION_SCHEMA, as far as clients use it. */

const database = (name: string): SystemViewColumn => column(name, sysname, 'd.name');
const databaseJoin = (alias: string) => `join sandbox.database d on d.database_id = ${alias}.database_id`;
const schemaJoin = (alias: string) =>
  `join sandbox.schema s on s.database_id = ${alias}.database_id and s.schema_id = ${alias}.schema_id`;

const isCharacter = "c.type_name in ('char', 'varchar', 'text', 'nchar', 'nvarchar', 'ntext', 'sysname')";
const isNational = "c.type_name in ('nchar', 'nvarchar', 'ntext', 'sysname')";
const isBinary = "c.type_name in ('binary', 'varbinary', 'image')";
const isExact = "c.type_name in ('tinyint', 'smallint', 'int', 'bigint', 'decimal', 'numeric', 'money', 'smallmoney')";
const isFloat = "c.type_name in ('real', 'float')";
const isTemporal = "c.type_name in ('date', 'time', 'datetime', 'datetime2', 'smalldatetime', 'datetimeoffset')";
const legacyBytes = "case c.type_name when 'ntext' then 1073741823 when 'text' then 2147483647 else 2147483647 end";
const isLegacy = "c.type_name in ('text', 'ntext', 'image')";

export const informationSchemaViews: readonly SystemView[] = [
  {
    schema: 'INFORMATION_SCHEMA',
    name: 'SCHEMATA',
    columns: [
      database('CATALOG_NAME'),
      column('SCHEMA_NAME', sysname, 's.name', false),
      column('SCHEMA_OWNER', sysname, 'p.name'),
    ],
    source: ({ databaseId }) =>
      `sandbox.schema s ${databaseJoin('s')} left join sandbox.principal p on p.database_id = s.database_id
        and p.principal_id = s.principal_id where s.database_id = ${databaseId}`,
  },
  {
    schema: 'INFORMATION_SCHEMA',
    name: 'TABLES',
    columns: [
      database('TABLE_CATALOG'),
      column('TABLE_SCHEMA', sysname, 's.name'),
      column('TABLE_NAME', sysname, 'o.name', false),
      column('TABLE_TYPE', varchar(10), choose('o.type', { U: 'BASE TABLE', V: 'VIEW' })),
    ],
    source: ({ databaseId, visible }) =>
      `sandbox.object o ${databaseJoin('o')} ${schemaJoin('o')}
        where o.database_id = ${databaseId} and o.type in ('U', 'V') and ${visible('o.object_id')}`,
  },
  {
    schema: 'INFORMATION_SCHEMA',
    name: 'VIEWS',
    columns: [
      database('TABLE_CATALOG'),
      column('TABLE_SCHEMA', sysname, 's.name'),
      column('TABLE_NAME', sysname, 'o.name', false),
      column('VIEW_DEFINITION', text(4000), 'left(o.definition, 4000)'),
      column('CHECK_OPTION', varchar(7), "case o.with_check_option when 1 then 'CASCADE' else 'NONE' end"),
      constant('IS_UPDATABLE', varchar(2), 'NO'),
    ],
    source: ({ databaseId, visible }) =>
      `sandbox.object o ${databaseJoin('o')} ${schemaJoin('o')}
        where o.database_id = ${databaseId} and o.type = 'V' and ${visible('o.object_id')}`,
  },
  {
    schema: 'INFORMATION_SCHEMA',
    name: 'COLUMNS',
    columns: [
      database('TABLE_CATALOG'),
      column('TABLE_SCHEMA', sysname, 's.name'),
      column('TABLE_NAME', sysname, 'o.name', false),
      column('COLUMN_NAME', sysname, 'c.name'),
      column('ORDINAL_POSITION', int, 'row_number() over (partition by c.object_id order by c.column_id)'),
      column(
        'COLUMN_DEFAULT',
        text(4000),
        `(select x.definition from sandbox.default_constraint x where x.database_id = c.database_id
          and x.object_id = c.default_object_id)`,
      ),
      column('IS_NULLABLE', varchar(3), "case c.is_nullable when 1 then 'YES' else 'NO' end"),
      column('DATA_TYPE', sysname, "case c.type_name when 'sysname' then 'nvarchar' else c.type_name end"),
      column(
        'CHARACTER_MAXIMUM_LENGTH',
        int,
        `case when ${isLegacy} then ${legacyBytes} when ${isNational} and c.max_length > 0 then c.max_length / 2
          when ${isCharacter} or ${isBinary} then c.max_length end`,
      ),
      column(
        'CHARACTER_OCTET_LENGTH',
        int,
        `case when ${isLegacy} then 2147483647 when ${isCharacter} or ${isBinary} then c.max_length end`,
      ),
      column('NUMERIC_PRECISION', tinyint, `case when ${isExact} or ${isFloat} then c.precision end`),
      column('NUMERIC_PRECISION_RADIX', smallint, `case when ${isExact} then 10 when ${isFloat} then 2 end`),
      column('NUMERIC_SCALE', int, `case when ${isExact} then c.scale end`),
      column(
        'DATETIME_PRECISION',
        smallint,
        `case when c.type_name = 'date' then 0 when ${isTemporal} then c.scale end`,
      ),
      constant('CHARACTER_SET_CATALOG', sysname, null),
      constant('CHARACTER_SET_SCHEMA', sysname, null),
      column(
        'CHARACTER_SET_NAME',
        sysname,
        `case when ${isNational} then 'UNICODE' when ${isCharacter} then 'iso_1' end`,
      ),
      constant('COLLATION_CATALOG', sysname, null),
      constant('COLLATION_SCHEMA', sysname, null),
      column('COLLATION_NAME', sysname, 'c.collation_name'),
      constant('DOMAIN_CATALOG', sysname, null),
      constant('DOMAIN_SCHEMA', sysname, null),
      constant('DOMAIN_NAME', sysname, null),
    ],
    source: ({ databaseId, visible }) =>
      `sandbox."column" c join sandbox.object o on o.database_id = c.database_id and o.object_id = c.object_id
        ${databaseJoin('o')} ${schemaJoin('o')} where c.database_id = ${databaseId} and ${visible('c.object_id')}`,
  },
  {
    schema: 'INFORMATION_SCHEMA',
    name: 'TABLE_CONSTRAINTS',
    columns: [
      database('CONSTRAINT_CATALOG'),
      column('CONSTRAINT_SCHEMA', sysname, 's.name'),
      column('CONSTRAINT_NAME', sysname, 'o.name', false),
      database('TABLE_CATALOG'),
      column('TABLE_SCHEMA', sysname, 's.name'),
      column('TABLE_NAME', sysname, 't.name'),
      column(
        'CONSTRAINT_TYPE',
        varchar(11),
        choose('o.type', { PK: 'PRIMARY KEY', UQ: 'UNIQUE', F: 'FOREIGN KEY', C: 'CHECK' }),
      ),
      constant('IS_DEFERRABLE', varchar(2), 'NO'),
      constant('INITIALLY_DEFERRED', varchar(2), 'NO'),
    ],
    source: ({ databaseId, visible }) =>
      `sandbox.object o join sandbox.object t on t.database_id = o.database_id and t.object_id = o.parent_object_id
        ${databaseJoin('o')} ${schemaJoin('o')}
        where o.database_id = ${databaseId} and o.type in ('PK', 'UQ', 'F', 'C') and ${visible('t.object_id')}`,
  },
  {
    schema: 'INFORMATION_SCHEMA',
    name: 'KEY_COLUMN_USAGE',
    columns: [
      database('CONSTRAINT_CATALOG'),
      column('CONSTRAINT_SCHEMA', sysname, 's.name'),
      column('CONSTRAINT_NAME', sysname, 'o.name', false),
      database('TABLE_CATALOG'),
      column('TABLE_SCHEMA', sysname, 's.name'),
      column('TABLE_NAME', sysname, 't.name'),
      column('COLUMN_NAME', sysname, 'c.name'),
      column('ORDINAL_POSITION', int, 'k.ordinal', false),
    ],
    source: ({ databaseId, visible }) =>
      `sandbox.object o join sandbox.object t on t.database_id = o.database_id and t.object_id = o.parent_object_id
        join (select i.database_id, i.constraint_object_id, x.object_id, x.column_id, x.key_ordinal::int4 as ordinal
            from sandbox.index i join sandbox.index_column x on x.database_id = i.database_id
              and x.object_id = i.object_id and x.index_id = i.index_id where i.constraint_object_id is not null
          union all select database_id, constraint_object_id, parent_object_id, parent_column_id, constraint_column_id
            from sandbox.foreign_key_column) k
          on k.database_id = o.database_id and k.constraint_object_id = o.object_id
        join sandbox."column" c on c.database_id = k.database_id and c.object_id = k.object_id and c.column_id = k.column_id
        ${databaseJoin('o')} ${schemaJoin('o')} where o.database_id = ${databaseId} and ${visible('t.object_id')}`,
  },
  {
    schema: 'INFORMATION_SCHEMA',
    name: 'REFERENTIAL_CONSTRAINTS',
    columns: [
      database('CONSTRAINT_CATALOG'),
      column('CONSTRAINT_SCHEMA', sysname, 's.name'),
      column('CONSTRAINT_NAME', sysname, 'o.name', false),
      database('UNIQUE_CONSTRAINT_CATALOG'),
      column('UNIQUE_CONSTRAINT_SCHEMA', sysname, 's.name'),
      column('UNIQUE_CONSTRAINT_NAME', sysname, 'i.name'),
      constant('MATCH_OPTION', varchar(7), 'SIMPLE'),
      column('UPDATE_RULE', varchar(11), choose('f.update_action', rules())),
      column('DELETE_RULE', varchar(11), choose('f.delete_action', rules())),
    ],
    source: ({ databaseId, visible }) =>
      `sandbox.object o join sandbox.foreign_key f on f.database_id = o.database_id and f.object_id = o.object_id
        left join sandbox.index i on i.database_id = f.database_id and i.object_id = f.referenced_object_id
          and i.index_id = f.key_index_id
        ${databaseJoin('o')} ${schemaJoin('o')} where o.database_id = ${databaseId} and ${visible('o.parent_object_id')}`,
  },
];

function rules(): Record<string, string> {
  return { 0: 'NO ACTION', 1: 'CASCADE', 2: 'SET NULL', 3: 'SET DEFAULT' };
}
