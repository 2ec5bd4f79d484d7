import { describe, expect, it } from 'vitest';
import {
  foldName,
  ownTable,
  tableKey,
  type Attribute,
  type Entity,
  type Factory,
  type Module,
  type PhysicalColumn,
  type PhysicalTable,
} from '../../../src/factory/factory.js';
import { stateModuleFindings } from '../../../src/plan/stateModule.js';
import type { ColumnType, TableName } from '../../../src/plan/refreshPlan.js';
import type { StateColumn } from '../../../src/state/stateDefinition.js';
import { stateEntities, type StateEntity } from '../../../src/state/stateModule.js';
import { factoryOf } from './specFactory.js';

const espace: Module = {
  ref: 'espace:900',
  kind: 'espace',
  id: 900,
  key: 'k-state',
  name: 'RefreshState',
  active: true,
  system: false,
};

function columnType({ type }: StateColumn): ColumnType {
  const plain = { length: null, precision: null, scale: null, collation: null, nullable: true };
  switch (type.kind) {
    case 'text':
      return { ...plain, name: 'nvarchar', length: type.length };
    case 'longText':
      return { ...plain, name: 'nvarchar', length: -1 };
    case 'integer':
      return { ...plain, name: 'int' };
    case 'longInteger':
      return { ...plain, name: 'bigint' };
    case 'boolean':
      return { ...plain, name: 'bit' };
    case 'dateTime':
      return { ...plain, name: 'datetime' };
  }
}

function tableOf(wanted: StateEntity): PhysicalTable {
  const columnOf = (name: string): string => name.toUpperCase();
  return {
    name: ownTable(`OSUSR_abc_${wanted.name}`),
    columns: wanted.attributes.map(({ name, column }): PhysicalColumn => {
      const identifier = name === wanted.identifier;
      const type = columnType(column);
      return {
        name: columnOf(name),
        type: { ...type, nullable: !identifier },
        identity: identifier && wanted.autoNumber,
        computed: false,
        hasDefault: !identifier,
      };
    }),
    uniqueIndexes: [[wanted.identifier], ...wanted.unique].map((names, at) => ({
      name: `index${at}`,
      primaryKey: at === 0,
      filtered: false,
      columns: names.map(columnOf).reverse(),
    })),
    foreignKeys: [],
    triggers: [],
  };
}

function entityOf(wanted: StateEntity, at: number): Entity {
  return {
    id: 900 + at,
    key: `e-${wanted.name}`,
    name: wanted.name,
    module: espace,
    kind: 'entity',
    system: false,
    external: false,
    table: ownTable(`OSUSR_abc_${wanted.name}`),
    primaryKey: `a-${wanted.identifier}`,
    attributes: wanted.attributes.map(({ name, column }): Attribute => ({
      key: `a-${name}`,
      name,
      type: 'rtText',
      length: 0,
      decimals: 0,
      mandatory: true,
      autoNumber: column.numbered,
      deleteRule: 'Ignore',
      column: name.toUpperCase(),
      referencedEntityId: null,
    })),
    eventTable: null,
    tenantColumn: null,
  };
}

interface Change {
  readonly entity?: (entity: Entity) => Entity | null;
  readonly table?: (table: PhysicalTable) => PhysicalTable;
  readonly mayWrite?: boolean;
  readonly touched?: readonly TableName[];
  readonly module?: Partial<Module>;
}

const right = { select: true, insert: true, update: true, delete: true, alter: false };

/** What the plan says of a module published as documented, but for a change to one entity. */
function findingsWith(name: string, change: Change = {}): string[] {
  const base = factoryOf({ modules: {} }, 'destination');
  const module = { ...espace, ...change.module };
  const entities: Entity[] = [];
  const tables: Record<string, PhysicalTable> = {};
  for (const [at, wanted] of stateEntities.entries()) {
    const meant = wanted.name === name;
    const entity = meant && change.entity ? change.entity(entityOf(wanted, at)) : entityOf(wanted, at);
    const table = meant && change.table ? change.table(tableOf(wanted)) : tableOf(wanted);
    if (entity !== null) entities.push({ ...entity, module });
    tables[tableKey(table.name)] = table;
  }
  const factory: Factory = {
    ...base,
    modules: [...base.modules, module],
    entities: [...base.entities, ...entities],
    tables,
  };
  const rights = Object.fromEntries(
    Object.keys(tables).map((key) => [
      key,
      { ...right, update: change.mayWrite !== false || !key.endsWith(foldName(name)) },
    ]),
  );
  return stateModuleFindings('refreshstate', factory, { tables: rights }, change.touched ?? []).map(
    ({ code, subject, message }) => `${code} ${subject}: ${message}`,
  );
}

const withAttribute = (name: string, changed: Partial<Attribute> | null) => (entity: Entity) => ({
  ...entity,
  attributes: entity.attributes.flatMap((each) =>
    each.name !== name ? [each] : changed === null ? [] : [{ ...each, ...changed }],
  ),
});
const withColumn = (name: string, changed: Partial<PhysicalColumn>) => (table: PhysicalTable) => ({
  ...table,
  columns: table.columns.map((each) => (each.name === name ? { ...each, ...changed } : each)),
});

describe('a module that is to hold the state of runs (trap 80)', () => {
  it('is taken as it is documented, whatever the case of its name and the order of its indexes’ columns', () => {
    expect(findingsWith('')).toEqual([]);
  });

  it('has a unique index wherever a schema has a primary key of several columns', () => {
    const unique = Object.fromEntries(stateEntities.map(({ name, unique: names }) => [name, names]));
    expect(unique).toMatchObject({
      Ledger: [['Run', 'Work_Item', 'Batch']],
      KeyMap: [['Owner', 'Source_Key']],
      KeyMapText: [['Owner', 'Source_Key']],
      Run: [['Id'], ['Slot']],
      Note: [['Run', 'Name']],
    });
  });

  const bigint: ColumnType = {
    name: 'bigint',
    length: null,
    precision: null,
    scale: null,
    collation: null,
    nullable: true,
  };
  const short: ColumnType = { ...bigint, name: 'nvarchar', length: 63 };
  const cases: readonly [string, string, Change, string][] = [
    [
      'an entity is missing',
      'KeyMap',
      { entity: () => null },
      'The module has no active entity of this name with a table.',
    ],
    [
      'an attribute is missing',
      'Ledger',
      { entity: withAttribute('Work_Item', null) },
      'It lacks the attribute Work_Item (Text, length 64).',
    ],
    [
      'an attribute was made anew',
      'Ledger',
      { entity: withAttribute('Batch', { column: 'BATCH_1' }) },
      'The column of Batch is called BATCH_1: make the entity anew, so that it is called Batch.',
    ],
    [
      'a type is another',
      'Ledger',
      { table: withColumn('BATCH', { type: bigint }) },
      'Batch must be Integer, but is bigint.',
    ],
    [
      'a text is too short',
      'Ledger',
      { table: withColumn('WORK_ITEM', { type: short }) },
      'Work_Item must be Text, length 64, but is nvarchar(63).',
    ],
    [
      'an identifier is no autonumber',
      'KeyOwner',
      { table: withColumn('OWNER', { identity: false }) },
      'The identifier Owner must be an autonumber.',
    ],
    [
      'an identifier is an autonumber',
      'Report',
      { table: withColumn('RUN', { identity: true }) },
      'The identifier Run must not be an autonumber.',
    ],
    [
      'an index is not unique',
      'KeyMap',
      { table: (table) => ({ ...table, uniqueIndexes: table.uniqueIndexes.slice(0, 1) }) },
      'It lacks a unique index on exactly Owner, Source_Key.',
    ],
    [
      'an index has a column more, so that it forbids less',
      'Ledger',
      {
        table: (table) => ({
          ...table,
          uniqueIndexes: table.uniqueIndexes.map((index) =>
            index.primaryKey ? index : { ...index, columns: [...index.columns, 'ENTITY'] },
          ),
        }),
      },
      'It lacks a unique index on exactly Run, Work_Item, Batch.',
    ],
    [
      'an index has a filter',
      'Ledger',
      {
        table: (table) => ({
          ...table,
          uniqueIndexes: table.uniqueIndexes.map((each) => ({ ...each, filtered: true })),
        }),
      },
      'It lacks a unique index on exactly Run, Work_Item, Batch.',
    ],
    [
      'it is multi-tenant',
      'Note',
      { entity: (each) => ({ ...each, tenantColumn: 'TENANT_ID' }) },
      'It must not be multi-tenant.',
    ],
    [
      'it raises events',
      'Note',
      { entity: (each) => ({ ...each, eventTable: ownTable('OSEVT_abc_Note') }) },
      'It must not expose process events.',
    ],
    [
      'its table has a trigger',
      'Note',
      { table: (table) => ({ ...table, triggers: [{ name: 't', enabled: true }] }) },
      'It must have no triggers.',
    ],
    [
      'its table has a column that nobody fills',
      'Note',
      {
        table: (table) => ({
          ...table,
          columns: [
            ...table.columns,
            { name: 'MORE', type: { ...bigint, nullable: false }, identity: false, computed: false, hasDefault: false },
          ],
        }),
      },
      'Its column MORE must accept NULL or have a default.',
    ],
  ];

  it.each(cases)('is refused when %s', (_, name, change, problem) => {
    expect(findingsWith(name, change)).toContain(`STATE_MODULE RefreshState.${name}: ${problem}`);
  });

  it('must lie in the database of the platform, since its rows commit with the data', () => {
    const elsewhere = { database: 'other', schema: 'dbo', table: 'OSUSR_abc_Note' };
    const found = findingsWith('Note', {
      entity: (entity) => ({ ...entity, table: elsewhere }),
      table: (table) => ({ ...table, name: elsewhere }),
    });
    expect(found).toContain('STATE_MODULE RefreshState.Note: Its table must lie in the database of the platform.');
  });

  it('is refused when the login may not write it, or when the refresh itself would', () => {
    expect(findingsWith('KeyMap', { mayWrite: false })).toEqual([
      'RIGHTS_STATE_MODULE RefreshState.KeyMap: The destination login may not write its table.',
    ]);
    expect(findingsWith('KeyMap', { touched: [ownTable('OSUSR_abc_KeyMap')] })).toEqual([
      'STATE_MODULE_MOVES RefreshState.KeyMap: The refresh would overwrite the state of its own run.',
    ]);
    expect(findingsWith('', { module: { active: false } })).toEqual([
      'STATE_MODULE refreshstate: The destination has no active module of this name.',
    ]);
  });
});
