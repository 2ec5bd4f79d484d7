import type { ColumnMetadata } from '../api.js';
import type { QueryColumn } from './environment.js';
import { isCharacter } from './types/sqlTypes.js';

/** A query's column as clients are told of it. */
export function columnMetadata(column: QueryColumn): ColumnMetadata {
  const { name, type, nullable, collation } = column;
  const described = isCharacter(type) && collation !== undefined ? { ...type, collation: collation.name } : type;
  return {
    name,
    type: described,
    nullable,
    ...(column.column?.identity === undefined ? {} : { identity: true }),
  };
}
