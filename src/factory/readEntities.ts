import type { SqlRow } from '../sqlserver/readDatabase.js';
import {
  foldKey,
  foldName,
  physicalColumn,
  physicalTable,
  type Attribute,
  type Entity,
  type EntityKind,
  type Factory,
  type Module,
  type PhysicalTable,
} from './factory.js';
import type { PlatformRows } from './platformTables.js';
import { groupBy } from './groupBy.js';
import { moduleRefOf } from './moduleRef.js';
import { eventTableOf, tableNamed } from './tableNames.js';
import { flag, integer, integerOrNull, text, textOrNull } from './rowValues.js';

/**
 * Active entities of active modules, with active attributes on the columns that the catalogue confirms. What is soft
 * deleted at any level stays out (trap 8), except that deleted attributes still own their columns (trap 9).
 */
export function readEntities(
  rows: PlatformRows,
  modules: readonly Module[],
  catalogues: ReadonlyMap<string, string>,
  tables: Readonly<Record<string, PhysicalTable>>,
): Pick<Factory, 'entities' | 'tombstones'> {
  const moduleByRef = new Map(modules.map((module) => [module.ref, module]));
  const attributesOf = groupBy(rows.OSSYS_ENTITY_ATTR, (row) => integer(row, 'ENTITY_ID'));
  const entities: Entity[] = [];
  const tombstones: { entity: string; table: string }[] = [];
  for (const row of rows.OSSYS_ENTITY) {
    const module = moduleByRef.get(moduleRefOf(row) ?? '');
    if (module === undefined) continue;
    if (!module.active || !flag(row, 'IS_ACTIVE')) {
      tombstones.push({ entity: `${module.name}.${text(row, 'NAME')}`, table: text(row, 'PHYSICAL_TABLE_NAME') });
      continue;
    }
    const database = catalogues.get(module.ref) ?? null;
    const name = tableNamed(text(row, 'PHYSICAL_TABLE_NAME'), database, tables);
    const table = physicalTable({ tables }, name);
    const attributeRows = attributesOf.get(integer(row, 'ID')) ?? [];
    const kind = entityKind(text(row, 'DATA_KIND'));
    const system = flag(row, 'IS_SYSTEM') || /^ossys_/i.test(name.table);
    entities.push({
      id: integer(row, 'ID'),
      key: foldKey(text(row, 'SS_KEY')),
      name: text(row, 'NAME'),
      module,
      kind,
      system,
      external: flag(row, 'IS_EXTERNAL'),
      table: name,
      primaryKey: textOrNull(row, 'PRIMARYKEY_SS_KEY'),
      attributes: attributeRows
        .filter((attribute) => flag(attribute, 'IS_ACTIVE'))
        .map((attribute) => readAttribute(attribute, table)),
      eventTable:
        row['EXPOSE_PROCESS_EVENTS'] === undefined || flag(row, 'EXPOSE_PROCESS_EVENTS')
          ? eventTableOf(row, database, tables)
          : null,
      // Static entities are shared by all tenants whatever their columns are (trap 49); system tables have rules of their own.
      tenantColumn: kind === 'entity' && !system ? hiddenTenantColumn(attributeRows, table) : null,
    });
  }
  return { entities, tombstones };
}

function entityKind(dataKind: string): EntityKind {
  const folded = dataKind.toLowerCase();
  if (folded === 'staticentity') return 'staticEntity';
  return folded === 'cliententity' ? 'clientEntity' : 'entity';
}

function readAttribute(row: SqlRow, table: PhysicalTable | null): Attribute {
  return {
    key: foldKey(text(row, 'SS_KEY')),
    name: text(row, 'NAME'),
    type: text(row, 'TYPE'),
    length: integer(row, 'LENGTH'),
    decimals: integer(row, 'DECIMALS'),
    mandatory: flag(row, 'IS_MANDATORY'),
    autoNumber: flag(row, 'IS_AUTONUMBER'),
    deleteRule: text(row, 'DELETE_RULE'),
    column: columnOf(row, table),
    referencedEntityId: integerOrNull(row, 'REFERENCED_ENTITY_ID'),
  };
}

/** The first of the names that the metamodel gives, physical first, that the table really has. */
function columnOf(row: SqlRow, table: PhysicalTable | null): string | null {
  for (const source of ['PHYSICAL_COLUMN_NAME', 'DATABASE_NAME', 'NAME']) {
    const name = textOrNull(row, source);
    if (name === null || name === '') continue;
    const column = physicalColumn(table, name);
    if (column !== null) return column.name;
  }
  return null;
}

/** TENANT_ID is in the table of a multi-tenant entity but in no attribute, active or deleted (trap 47). */
function hiddenTenantColumn(attributes: readonly SqlRow[], table: PhysicalTable | null): string | null {
  const column = physicalColumn(table, 'TENANT_ID');
  if (column === null) return null;
  const owner = attributes.find((row) =>
    ['PHYSICAL_COLUMN_NAME', 'DATABASE_NAME', 'NAME'].some(
      (source) => foldName(textOrNull(row, source) ?? '') === 'tenant_id',
    ),
  );
  return owner === undefined ? column.name : null;
}
