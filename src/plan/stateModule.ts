import {
  entityName,
  foldName,
  physicalColumn,
  physicalTable,
  tableKey,
  type Entity,
  type Factory,
  type PhysicalTable,
} from '../factory/factory.js';
import type { StateColumn } from '../state/stateDefinition.js';
import { stateEntities, type StateEntity } from '../state/stateModule.js';
import { finding } from './findings.js';
import type { ColumnType, Finding, TableName } from './refreshPlan.js';
import type { DestinationRights } from '../survey/facts.js';

/**
 * What keeps the state of a run from living in the entities of a published module (trap 80): entities, attributes and
 * unique indexes that it lacks, and rights that the login lacks. Exactly-once rests on the unique indexes.
 * @param touched tables that the refresh itself empties or fills
 */
export function stateModuleFindings(
  espace: string,
  factory: Factory,
  rights: Pick<DestinationRights, 'tables'>,
  touched: readonly TableName[],
): Finding[] {
  const module = factory.modules.find(
    (each) => each.kind === 'espace' && each.active && foldName(each.name) === foldName(espace),
  );
  if (module === undefined)
    return [finding('STATE_MODULE', espace, 'The destination has no active module of this name.')];
  const published = factory.entities.filter((entity) => entity.module === module);
  const moving = new Set(touched.map(tableKey));
  return stateEntities.flatMap((wanted) => {
    const subject = `${module.name}.${wanted.name}`;
    const entity = published.find((each) => foldName(each.name) === foldName(wanted.name));
    const table = entity === undefined ? null : physicalTable(factory, entity.table);
    if (entity === undefined || table === null) {
      return [finding('STATE_MODULE', subject, 'The module has no active entity of this name with a table.')];
    }
    const problems = [...entityProblems(entity, wanted), ...tableProblems(wanted, entity, table)];
    const right = rights.tables[tableKey(table.name)];
    const writable = right !== undefined && right.select && right.insert && right.update && right.delete;
    return [
      ...problems.map((problem) => finding('STATE_MODULE', subject, problem)),
      ...(writable ? [] : [finding('RIGHTS_STATE_MODULE', subject, 'The destination login may not write its table.')]),
      ...(moving.has(tableKey(table.name))
        ? [finding('STATE_MODULE_MOVES', entityName(entity), 'The refresh would overwrite the state of its own run.')]
        : []),
    ];
  });
}

function entityProblems(entity: Entity, wanted: StateEntity): string[] {
  return [
    ...(entity.kind === 'entity' ? [] : ['It must be an ordinary entity.']),
    ...(entity.table.database === null ? [] : ['Its table must lie in the database of the platform.']),
    ...(entity.tenantColumn === null ? [] : ['It must not be multi-tenant.']),
    ...(entity.eventTable === null ? [] : ['It must not expose process events.']),
    ...wanted.attributes.flatMap(({ name, column }) => attributeProblems(entity, name, column)),
  ];
}

function attributeProblems(entity: Entity, name: string, wanted: StateColumn): string[] {
  const attribute = entity.attributes.find((each) => foldName(each.name) === foldName(name));
  if (attribute === undefined) return [`It lacks the attribute ${name} (${attributeType(wanted)}).`];
  if (attribute.column === null) return [`The column of ${name} is not there.`];
  if (foldName(attribute.column) !== foldName(wanted.name)) {
    return [`The column of ${name} is called ${attribute.column}: make the entity anew, so that it is called ${name}.`];
  }
  return [];
}

function tableProblems(wanted: StateEntity, entity: Entity, table: PhysicalTable): string[] {
  const known = wanted.attributes.flatMap(({ column }) => physicalColumn(table, column.name) ?? []);
  const problems = wanted.attributes.flatMap(({ name, column }) => {
    const found = physicalColumn(table, column.name);
    if (found === null) return [];
    const identifier = name === wanted.identifier;
    return [
      ...(holds(found.type, column)
        ? []
        : [`${name} must be ${attributeType(column)}, but is ${typeName(found.type)}.`]),
      ...(identifier && found.identity !== wanted.autoNumber
        ? [`The identifier ${name} must ${wanted.autoNumber ? 'be' : 'not be'} an autonumber.`]
        : []),
      ...(found.type.nullable || identifier || !column.nullable ? [] : [`${name} must accept NULL.`]),
    ];
  });
  const filled = table.columns.filter(
    (column) =>
      !known.includes(column) && !column.type.nullable && !column.hasDefault && !column.identity && !column.computed,
  );
  return [
    ...problems,
    ...filled.map((column) => `Its column ${column.name} must accept NULL or have a default.`),
    ...(table.triggers.some((trigger) => trigger.enabled) ? ['It must have no triggers.'] : []),
    ...[[wanted.identifier], ...wanted.unique]
      .filter((attributes) => !isUnique(table, attributes))
      .map((attributes) => `It lacks a unique index on exactly ${attributes.join(', ')}.`),
    ...(table.foreignKeys.length === 0 ? [] : ['It must refer to no other entity.']),
    ...(entity.external ? ['It must be an entity of the module itself, not of an extension.'] : []),
  ];
}

/** Attribute names are those of their columns; the order of an index's columns does not matter for uniqueness. */
function isUnique(table: PhysicalTable, attributes: readonly string[]): boolean {
  const wanted = attributes.map(foldName).sort().join('\n');
  return table.uniqueIndexes.some(
    (index) => !index.filtered && index.columns.map(foldName).sort().join('\n') === wanted,
  );
}

function holds(found: ColumnType, { type }: StateColumn): boolean {
  switch (type.kind) {
    case 'text':
      return found.name === 'nvarchar' && (found.length === -1 || (found.length ?? 0) >= type.length);
    case 'longText':
      return found.name === 'nvarchar' && found.length === -1;
    case 'integer':
      return found.name === 'int';
    case 'longInteger':
      return found.name === 'bigint';
    case 'boolean':
      return found.name === 'bit';
    case 'dateTime':
      return found.name === 'datetime';
  }
}

function typeName({ name, length }: ColumnType): string {
  if (length === null) return name;
  return `${name}(${length === -1 ? 'max' : length})`;
}

/** A type as Service Studio names it. Texts of more than 2,000 characters are nvarchar(max). */
export function attributeType({ type }: StateColumn): string {
  switch (type.kind) {
    case 'text':
      return `Text, length ${type.length}`;
    case 'longText':
      return 'Text, length 10,000';
    case 'integer':
      return 'Integer';
    case 'longInteger':
      return 'Long Integer';
    case 'boolean':
      return 'Boolean';
    case 'dateTime':
      return 'Date Time';
  }
}
