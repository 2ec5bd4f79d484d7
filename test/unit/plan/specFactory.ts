import {
  ownTable,
  tableKey,
  type Attribute,
  type Definition,
  type Entity,
  type Factory,
  type ForeignKey,
  type Module,
  type PhysicalColumn,
  type PhysicalTable,
  type UniqueIndex,
} from '../../../src/factory/factory.js';
import type { ColumnType } from '../../../src/plan/refreshPlan.js';

/** A factory in a few words; both environments come from one description, with other ids and table names. */
export interface ModuleSpec {
  readonly key?: string;
  readonly system?: boolean;
  readonly kind?: 'espace' | 'extension';
  readonly active?: boolean;
  readonly entities?: Readonly<Record<string, EntitySpec>>;
  readonly processes?: readonly string[];
}

export interface EntitySpec {
  readonly key?: string;
  readonly kind?: Entity['kind'];
  readonly external?: boolean;
  readonly multiTenant?: boolean;
  readonly events?: boolean;
  /** Physical name, where it shall not be one of its own. */
  readonly table?: string;
  /** Type of the identifier; default a bigint autonumber. */
  readonly id?: 'autonumber' | 'int' | 'text' | { readonly to: string };
  /** Column of the identifier; default ID. */
  readonly idColumn?: string;
  readonly attributes?: Readonly<Record<string, AttributeSpec>>;
  readonly records?: Readonly<Record<string, number>>;
}

export interface AttributeSpec {
  /** Module.Entity for a reference, else a column type such as nvarchar(50). Default nvarchar(50). */
  readonly to?: string;
  readonly type?: string;
  readonly rule?: 'Protect' | 'Delete' | 'Ignore';
  readonly notNull?: boolean;
  readonly unique?: boolean;
  readonly noDefault?: boolean;
  readonly collation?: string;
  /** Type as the metamodel has it, where it is another than `to` or the column say. */
  readonly typeName?: string;
}

export interface FactorySpec {
  readonly modules: Readonly<Record<string, ModuleSpec>>;
  readonly applications?: Readonly<Record<string, readonly string[]>>;
  readonly deletedApplications?: readonly string[];
  readonly tenants?: readonly string[];
  /** Module.Role */
  readonly roles?: readonly string[];
}

type Side = 'source' | 'destination';

const system: ModuleSpec = {
  system: true,
  entities: { User: {}, Group: {}, Tenant: {}, Process: {}, Activity: {}, Role: {}, Email: {} },
};
const systemTables: Readonly<Record<string, string>> = {
  User: 'OSSYS_USER',
  Group: 'OSSYS_GROUP',
  Tenant: 'OSSYS_TENANT',
  Process: 'OSSYS_BPM_PROCESS',
  Activity: 'OSSYS_BPM_ACTIVITY',
  Role: 'OSSYS_ROLE',
  Email: 'OSSYS_EMAIL',
};

/** Builds the plain objects that readFactory() would give. */
export function factoryOf(spec: FactorySpec, side: Side): Factory {
  const offset = side === 'source' ? 0 : 500;
  const modules: Module[] = [];
  const entities: Entity[] = [];
  const tables: Record<string, PhysicalTable> = {};
  const definitions: Definition[] = [];
  const staticRecords: Factory['staticRecords'][number][] = [];
  const all: [string, ModuleSpec][] = [['ServiceCenter', system], ...Object.entries(spec.modules)];
  const keyOf = (name: string): string => all.find(([each]) => each === name)?.[1].key ?? `k-${name.toLowerCase()}`;
  const entityKeyOf = (path: string): string => {
    const [module = '', entity = ''] = path.split('.');
    return all.find(([each]) => each === module)?.[1].entities?.[entity]?.key ?? `e-${entity.toLowerCase()}`;
  };
  const typeOf = (path: string): string => `bt${keyOf(path.split('.')[0] ?? '')}*${entityKeyOf(path)}`;
  const tableNameOf = (path: string): string => {
    const [module = '', entity = ''] = path.split('.');
    return module === 'ServiceCenter'
      ? (systemTables[entity] ?? '')
      : `OSUSR_${side === 'source' ? 'p' : 'q'}_${module}_${entity}`;
  };
  const keyTypeOf = (path: string): string => {
    const [module = '', entity = ''] = path.split('.');
    const id = all.find(([each]) => each === module)?.[1].entities?.[entity]?.id ?? 'autonumber';
    if (typeof id === 'object') return keyTypeOf(id.to);
    return module === 'ServiceCenter' || id === 'int' ? 'int' : id === 'text' ? 'nvarchar(36)' : 'bigint';
  };

  let nextId = 1 + offset;
  for (const [moduleName, moduleSpec] of all) {
    const kind = moduleSpec.kind ?? 'espace';
    const id = nextId++;
    const module: Module = {
      ref: `${kind}:${id}`,
      kind,
      id,
      key: keyOf(moduleName),
      name: moduleName,
      active: moduleSpec.active ?? true,
      system: moduleSpec.system ?? false,
    };
    modules.push(module);
    for (const process of moduleSpec.processes ?? [])
      definitions.push({ id: nextId++, key: `p-${process.toLowerCase()}`, name: process, active: true, parentId: id });
    for (const [entityName, entitySpec] of Object.entries(moduleSpec.entities ?? {})) {
      const path = `${moduleName}.${entityName}`;
      const name = ownTable(entitySpec.table ?? tableNameOf(path));
      const idSpec = entitySpec.id ?? 'autonumber';
      const idColumn = entitySpec.idColumn ?? 'ID';
      const columns: PhysicalColumn[] = [
        column(idColumn, keyTypeOf(path), { notNull: true, identity: idSpec === 'autonumber' }),
      ];
      const uniqueIndexes: UniqueIndex[] = [
        { name: `OSPRK_${name.table}`, primaryKey: true, filtered: false, columns: [idColumn] },
      ];
      const foreignKeys: ForeignKey[] = [];
      const attributes: Attribute[] = [
        attribute('Id', typeof idSpec === 'object' ? typeOf(idSpec.to) : 'rtLongInteger', idColumn, {
          mandatory: true,
          autoNumber: idSpec === 'autonumber',
        }),
      ];
      if (typeof idSpec === 'object') foreignKeys.push(foreignKey(idColumn, tableNameOf(idSpec.to), 'cascade'));
      for (const [attributeName, attributeSpec] of Object.entries(entitySpec.attributes ?? {})) {
        const physical = attributeName.toUpperCase();
        const to = attributeSpec.to;
        const type = attributeSpec.type ?? (to === undefined ? 'nvarchar(50)' : keyTypeOf(to));
        columns.push(
          column(physical, type, {
            notNull: attributeSpec.notNull ?? false,
            hasDefault: attributeSpec.noDefault !== true,
            ...(attributeSpec.collation === undefined ? {} : { collation: attributeSpec.collation }),
          }),
        );
        attributes.push(
          attribute(attributeName, attributeSpec.typeName ?? (to === undefined ? 'rtText' : typeOf(to)), physical, {
            deleteRule: attributeSpec.rule ?? 'Protect',
          }),
        );
        if (to !== undefined && attributeSpec.rule !== 'Ignore')
          foreignKeys.push(
            foreignKey(physical, tableNameOf(to), attributeSpec.rule === 'Delete' ? 'cascade' : 'noAction'),
          );
        if (attributeSpec.unique === true)
          uniqueIndexes.push({ name: `OSIDX_${physical}`, primaryKey: false, filtered: false, columns: [physical] });
      }
      if (entitySpec.multiTenant === true) columns.push(column('TENANT_ID', 'int', {}));
      tables[tableKey(name)] = {
        name,
        columns,
        uniqueIndexes,
        foreignKeys,
        triggers: entitySpec.events === true ? [{ name: `OSTRG_EI__${name.table}`, enabled: true }] : [],
      };
      const eventTable = entitySpec.events === true ? ownTable(name.table.replace('OSUSR_', 'OSEVT_')) : null;
      if (eventTable !== null) {
        tables[tableKey(eventTable)] = {
          name: eventTable,
          columns: [
            '_ESPACE_ID',
            '_TENANT_ID',
            '_ACTIVITY_ID',
            '_PROCESS_DEF_ID',
            '_IS_UPDATE',
            '_IS_LIGHT',
            'ID',
            ...foreignKeys.flatMap((key) => key.columns),
          ].map((each) => column(each, 'int', {})),
          uniqueIndexes: [],
          foreignKeys: [],
          triggers: [],
        };
      }
      entities.push({
        id: nextId++,
        key: entityKeyOf(path),
        name: entityName,
        module,
        kind: entitySpec.kind ?? (entitySpec.records === undefined ? 'entity' : 'staticEntity'),
        system: moduleName === 'ServiceCenter',
        external: entitySpec.external ?? false,
        table: name,
        primaryKey: 'a-id',
        attributes,
        eventTable,
        tenantColumn: entitySpec.multiTenant === true ? 'TENANT_ID' : null,
      });
      for (const [record, dataId] of Object.entries(entitySpec.records ?? {})) {
        staticRecords.push({
          dataId: String(dataId),
          name: record,
          key: `r-${record.toLowerCase()}`,
          entityKey: entityKeyOf(path),
          espaceId: id,
          active: true,
        });
      }
    }
  }
  for (const [table, columns] of Object.entries(processColumns)) {
    const name = ownTable(table);
    tables[tableKey(name)] = {
      name,
      columns: columns.map((each) =>
        column(each, each.endsWith('VALUE') || each === 'SS_TYPE' ? 'nvarchar(2000)' : 'int', {
          notNull: each === 'ID',
          identity: each === 'ID',
        }),
      ),
      uniqueIndexes: [{ name: `PK_${table}`, primaryKey: true, filtered: false, columns: ['ID'] }],
      foreignKeys: (processForeignKeys[table] ?? []).map(([from, to]) => foreignKey(from, to, 'noAction')),
      triggers: [],
    };
  }
  const refOf = (name: string): string => modules.find((module) => module.name === name)?.ref ?? '';
  return {
    applications: [
      ...Object.entries(spec.applications ?? {}).map(([name, names], index) => ({
        id: index + 1 + offset,
        key: `app-${name.toLowerCase()}`,
        name,
        active: true,
        modules: names.map(refOf),
      })),
      ...(spec.deletedApplications ?? []).map((name, index) => ({
        id: 90 + index + offset,
        key: `deleted-${name.toLowerCase()}`,
        name,
        active: false,
        modules: [],
      })),
    ],
    solutions: [],
    modules,
    entities: entities.filter((entity) => entity.module.active),
    tombstones: [],
    staticRecords,
    tenants: (spec.tenants ?? ['Users']).map((name, index) => ({
      id: index + 1 + offset,
      name,
      providerKey: keyOf('ServiceCenter'),
      active: true,
    })),
    roles: (spec.roles ?? []).map((name, index) => {
      const [module = '', role = ''] = name.split('.');
      return {
        id: index + 1 + offset,
        key: `r-${role.toLowerCase()}`,
        name: role,
        espaceKey: keyOf(module),
        active: true,
      };
    }),
    processes: {
      definitions,
      inputs: [],
      outputs: [],
      activities: [],
      activityOutputs: [],
      processStatuses: [
        { id: 1, name: 'Active', terminal: false },
        { id: 2, name: 'Closed', terminal: true },
      ],
      activityStatuses: [],
    },
    tables,
  };
}

const processColumns: Readonly<Record<string, readonly string[]>> = {
  OSSYS_BPM_PROCESS: [
    'ID',
    'TENANT_ID',
    'CREATED_BY',
    'PROCESS_DEF_ID',
    'PARENT_PROCESS_ID',
    'PARENT_ACTIVITY_ID',
    'TOP_PROCESS_ID',
    'STATUS_ID',
  ],
  OSSYS_BPM_ACTIVITY: [
    'ID',
    'TENANT_ID',
    'ACTIVITY_DEF_ID',
    'PROCESS_ID',
    'USER_ID',
    'STATUS_ID',
    'NEXT_RUN',
    'IS_RUNNING_SINCE',
    'PRECEDENT_ACTIVITY_ID',
  ],
  OSSYS_BPM_PROCESS_INPUT: ['ID', 'INPUT_DEF_ID', 'PROCESS_ID', 'INPUT_VALUE', 'SS_TYPE'],
  OSSYS_BPM_PROCESS_OUTPUT: ['ID', 'OUTPUT_DEF_ID', 'PROCESS_ID', 'OUTPUT_VALUE', 'SS_TYPE'],
  OSSYS_BPM_ACTIVITY_OUTPUT: ['ID', 'OUTPUT_DEF_ID', 'ACTIVITY_ID', 'OUTPUT_VALUE', 'SS_TYPE'],
};
const processForeignKeys: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  OSSYS_BPM_PROCESS: [
    ['PARENT_PROCESS_ID', 'OSSYS_BPM_PROCESS'],
    ['TOP_PROCESS_ID', 'OSSYS_BPM_PROCESS'],
    ['PARENT_ACTIVITY_ID', 'OSSYS_BPM_ACTIVITY'],
  ],
  OSSYS_BPM_ACTIVITY: [
    ['PROCESS_ID', 'OSSYS_BPM_PROCESS'],
    ['PRECEDENT_ACTIVITY_ID', 'OSSYS_BPM_ACTIVITY'],
  ],
  OSSYS_BPM_PROCESS_INPUT: [['PROCESS_ID', 'OSSYS_BPM_PROCESS']],
  OSSYS_BPM_PROCESS_OUTPUT: [['PROCESS_ID', 'OSSYS_BPM_PROCESS']],
  OSSYS_BPM_ACTIVITY_OUTPUT: [['ACTIVITY_ID', 'OSSYS_BPM_ACTIVITY']],
};

function attribute(name: string, type: string, columnName: string, more: Partial<Attribute>): Attribute {
  return {
    key: `a-${name.toLowerCase()}`,
    name,
    type,
    length: 0,
    decimals: 0,
    mandatory: false,
    autoNumber: false,
    deleteRule: 'Protect',
    column: columnName,
    referencedEntityId: null,
    ...more,
  };
}

function foreignKey(columnName: string, table: string, onDelete: ForeignKey['onDelete']): ForeignKey {
  return {
    name: `OSFRK_${columnName}`,
    columns: [columnName],
    referencedTable: ownTable(table),
    referencedColumns: ['ID'],
    onDelete,
    trusted: true,
    enabled: true,
  };
}

function column(
  name: string,
  type: string,
  more: { notNull?: boolean; identity?: boolean; hasDefault?: boolean; collation?: string },
): PhysicalColumn {
  return {
    name,
    type: {
      ...columnType(type, more.notNull !== true),
      ...(more.collation === undefined ? {} : { collation: more.collation }),
    },
    identity: more.identity ?? false,
    computed: false,
    hasDefault: more.hasDefault ?? false,
  };
}

/** nvarchar(50), decimal(37,8), int … */
export function columnType(text: string, nullable = true): ColumnType {
  const [, name = text, first, second] = /^(\w+)(?:\((\w+)(?:,(\d+))?\))?$/.exec(text) ?? [];
  const numeric = name === 'decimal';
  const length = first === undefined || numeric ? null : first === 'max' ? -1 : Number(first);
  return {
    name,
    length,
    precision: numeric ? Number(first ?? 18) : null,
    scale: numeric ? Number(second ?? 0) : null,
    collation: name.includes('char') ? 'Latin1_General_CI_AI' : null,
    nullable,
  };
}
