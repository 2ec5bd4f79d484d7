import type { CatalogColumn, CatalogReader, CatalogTable } from './model.js';
import type { ColumnEntity, TableEntity } from './entities.js';

export type TableName = { readonly database: string; readonly schema: string; readonly object: string };

/** A lookup that a translation made, with its answer: the translation holds while all answers stay the same. */
export interface RecordedLookup {
  readonly name: TableName;
  readonly answer: CatalogTable | undefined;
}

/** Answers lookups and keeps them. */
export class RecordingReader implements CatalogReader {
  readonly lookups: RecordedLookup[] = [];

  constructor(private readonly find: (name: TableName) => CatalogTable | undefined) {}

  findTable(name: TableName): CatalogTable | undefined {
    const answer = this.find(name);
    this.lookups.push({ name, answer });
    return answer;
  }
}

const tables = new WeakMap<TableEntity, CatalogTable>();

/** A table as the translator sees it: always the same object for the same entity. */
export function catalogTable(entity: TableEntity, database: string, schema: string): CatalogTable {
  const known = tables.get(entity);
  if (known !== undefined) return known;
  const fires = (event: 'insert' | 'update' | 'delete') =>
    entity.triggers.some((trigger) => !trigger.disabled && trigger.events.includes(event));
  const [foreignKey] = entity.foreignKeys;
  const check = entity.checks.find((candidate) => !candidate.disabled);
  const table: CatalogTable = {
    objectId: entity.objectId,
    database,
    schema,
    name: entity.name,
    kind: entity.temporary === undefined ? 'table' : 'temporary',
    postgresName: entity.postgresName,
    columns: entity.columns.map(catalogColumn),
    triggers: { insert: fires('insert'), update: fires('update'), delete: fires('delete') },
    indexes: entity.indexes,
    ...(foreignKey === undefined ? {} : { foreignKey: foreignKey.name }),
    ...(check === undefined ? {} : { enabledCheck: check.name }),
  };
  tables.set(entity, table);
  return table;
}

export function catalogColumn(column: ColumnEntity): CatalogColumn {
  const { identity, default: defaultConstraint, computed } = column;
  return {
    columnId: column.id,
    name: column.name,
    postgresName: column.postgresName,
    type: column.type,
    nullable: column.nullable,
    ...(identity === undefined
      ? {}
      : {
          identity: {
            seed: BigInt(identity.seed),
            increment: BigInt(identity.increment),
            sequence: identity.sequence,
          },
        }),
    ...(defaultConstraint === undefined ? {} : { defaultDefinition: defaultConstraint.definition }),
    ...(computed === undefined ? {} : { computedDefinition: computed.definition }),
  };
}
