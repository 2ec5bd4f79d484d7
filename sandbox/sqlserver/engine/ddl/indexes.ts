import { SqlError } from '../api.js';
import { sameName } from '../catalog/names.js';
import type { CreateIndexStatement, DropIndexStatement } from '../../tsql/ast.js';
import { translateFilter } from '../interpreter/translation.js';
import type { Session } from '../session/session.js';
import { conditionDefinition } from './definitionText.js';
import { requireSimpleFilter } from './indexFilter.js';
import { createIndex, dropPostgresIndex, indexColumns, secondClustered } from './keys.js';
import { TableDraft } from './tableDraft.js';
import { mayAlter, requireAlter, tableNamed, writtenName } from './tableLookup.js';

export async function createIndexStatement(session: Session, statement: CreateIndexStatement): Promise<void> {
  const table = tableNamed(session, statement.table);
  requireAlter(session, table);
  const draft = new TableDraft(session, table, false);
  if (table.indexes.some((index) => sameName(index.name, statement.name, draft.databaseCollation))) {
    throw new SqlError(
      1913,
      `The operation failed because an index or statistics with name '${statement.name}' already exists on table '${writtenName(statement.table)}'.`,
    );
  }
  if (statement.clustered && table.indexes.some((index) => index.clustered)) throw secondClustered(draft);
  const { keys, included } = indexColumns(draft, statement.columns, statement.include);
  if (statement.where !== undefined) requireSimpleFilter(statement.where, statement.name, writtenName(statement.table));
  const filter =
    statement.where === undefined
      ? {}
      : {
          filter: {
            definition: conditionDefinition(statement.where) ?? `(${(statement.whereDefinition ?? '').trim()})`,
            postgresText: translateFilter(session, statement.where, table),
          },
        };
  await createIndex(draft, {
    name: statement.name,
    unique: statement.unique,
    clustered: statement.clustered,
    columns: keys,
    included,
    options: statement.options,
    ...filter,
  });
  await draft.save();
}

export async function dropIndexes(session: Session, statement: DropIndexStatement): Promise<void> {
  for (const { name, table: tableName } of statement.indexes) {
    const table = session.resolve(tableName);
    const written = `${writtenName(tableName)}.${name}`;
    const collation = session.catalog.collationOf(table?.databaseId ?? session.database.id);
    const index =
      table?.kind === 'table'
        ? table.indexes.find((candidate) => sameName(candidate.name, name, collation))
        : undefined;
    if (table?.kind !== 'table' || index === undefined || !mayAlter(session, table)) {
      if (statement.ifExists && index === undefined) continue;
      throw new SqlError(
        3701,
        `Cannot drop the index '${written}', because it does not exist or you do not have permission.`,
        { class: 11, state: 7 },
      );
    }
    if (index.constraint !== undefined) {
      const kind = index.constraint.type === 'PK' ? 'PRIMARY KEY' : 'UNIQUE KEY';
      throw new SqlError(
        3723,
        `An explicit DROP INDEX is not allowed on index '${written}'. It is being used for ${kind} constraint enforcement.`,
        { state: 4 },
      );
    }
    await dropPostgresIndex(session, table, index);
    await session.catalog.put({ ...table, indexes: table.indexes.filter((candidate) => candidate !== index) });
  }
}
