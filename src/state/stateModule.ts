import { stateDefinition, type StateColumn, type StateTable, type StateTableName } from './stateDefinition.js';

/** An attribute of a state entity; its column must be called as the attribute is, in any case of letters. */
export interface StateAttribute {
  readonly name: string;
  readonly column: StateColumn;
}

/** A state table as an entity of a module (trap 80): no composite primary key, uniqueness by indexes. */
export interface StateEntity {
  readonly name: string;
  readonly purpose: string;
  /** The identifier first. */
  readonly attributes: readonly StateAttribute[];
  readonly identifier: string;
  readonly autoNumber: boolean;
  /** Unique indexes, each a list of attribute names; exactly-once rests on them. */
  readonly unique: readonly (readonly string[])[];
  /** Indexes that are for speed only. */
  readonly indexes: readonly (readonly string[])[];
  /** True if several writers fill it at once: their locks must not be escalated to the table. */
  readonly shared: boolean;
}

/** Name of a state table's entity: `key_map` is KeyMap. */
export function stateEntityName(table: StateTableName): string {
  return table
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

/** Attributes keep the underscores, since columns are called as their attributes: `work_item` is Work_Item. */
function attributeName(column: string): string {
  return column
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('_');
}

const ownIdentifier: StateColumn = { name: 'id', type: { kind: 'longInteger' }, nullable: false, numbered: true };

function entityOf({
  name,
  purpose,
  columns,
  key,
  unique,
  shared,
}: StateTable & { readonly name: StateTableName }): StateEntity {
  const numbered = columns.find((column) => column.numbered);
  const only = key.length === 1 ? columns.find((column) => column.name === key[0]) : undefined;
  const identifier = numbered ?? only ?? ownIdentifier;
  const others = columns.filter((column) => column !== identifier);
  const partOfKey = key.filter((each) => each !== identifier.name);
  const names = (list: readonly string[]): string[] => list.map(attributeName);
  return {
    name: stateEntityName(name),
    purpose,
    attributes: [identifier, ...others].map((column) => ({ name: attributeName(column.name), column })),
    identifier: attributeName(identifier.name),
    autoNumber: identifier.numbered,
    // What the identifier is part of is unique with it; every other key needs an index.
    unique: [...(key.includes(identifier.name) ? [] : [names(key)]), ...unique.map(names)],
    indexes: key.includes(identifier.name) && partOfKey.length > 0 ? [names(partOfKey)] : [],
    shared,
  };
}

/** The entities that a module for the state has to publish. */
export const stateEntities: readonly StateEntity[] = stateDefinition.map(entityOf);
