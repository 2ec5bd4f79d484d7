import { SqlError } from '../api.js';
import type { ColumnEntity, TableEntity } from '../catalog/entities.js';
import { quotePostgres } from '../catalog/names.js';
import { typeFacts } from '../catalog/typeFacts.js';
import { textLiteral } from '../translate/expressions/boundExpression.js';
import type { NewIndex } from './keys.js';
import type { TableDraft } from './tableDraft.js';

/** Longest key in bytes: "Maximum capacity specifications for SQL Server", since SQL Server 2016. */
const longestKey = { clustered: 900, nonclustered: 1700 } as const;

/**
 * Keeps keys within the length that SQL Server allows: columns of fixed lengths that are longer together are refused at
 * once (1944), rows with longer values when they are written (1946).
 */
export async function limitKeyLength(draft: TableDraft, index: NewIndex, id: number): Promise<void> {
  const kind = index.clustered ? 'clustered' : 'nonclustered';
  const limit = longestKey[kind];
  const columns = index.columns.map(({ column }) => column);
  const least = sum(columns.filter((column) => !isVariable(column)).map(longest));
  if (least > limit) {
    throw new SqlError(
      1944,
      `Index '${index.name}' was not created. This index has a key length of at least ${least} bytes. The maximum permissible key length is ${limit} bytes.`,
    );
  }
  if (sum(columns.map(longest)) <= limit) return;
  const bytes = [String(least), ...columns.filter(isVariable).map(writtenBytes)].join(' + ');
  const fits = `tsql.key_fits(${bytes}, ${limit}, ${textLiteral(index.name)}, '${kind}')`;
  const condition = index.filter === undefined ? fits : `(${index.filter.postgresText}) is not true or ${fits}`;
  await draft.execute(
    `alter table ${draft.entity.postgresName} add constraint ${constraintName(draft.entity, id)} check (${condition})`,
  );
}

/** The statement that ends the limit with its index. */
export function unlimitedKeyLength(table: TableEntity, indexId: number): string {
  return `alter table ${table.postgresName} drop constraint if exists ${constraintName(table, indexId)}`;
}

function constraintName(table: TableEntity, indexId: number): string {
  return quotePostgres(`kl:${table.objectId}:${indexId}`);
}

function longest(column: ColumnEntity): number {
  return typeFacts(column.type).maxLength;
}

function isVariable({ type }: ColumnEntity): boolean {
  return type.name === 'varchar' || type.name === 'nvarchar' || type.name === 'varbinary';
}

/** Bytes of a row's value; NULL takes none. */
function writtenBytes({ type, postgresName }: ColumnEntity): string {
  const length = {
    varchar: `length(${postgresName})`,
    nvarchar: `2 * tsql.units(${postgresName})`,
    varbinary: `octet_length(${postgresName})`,
  }[type.name as 'varchar' | 'nvarchar' | 'varbinary'];
  return `coalesce(${length}, 0)`;
}

function sum(lengths: readonly number[]): number {
  return lengths.reduce((total, length) => total + length, 0);
}
