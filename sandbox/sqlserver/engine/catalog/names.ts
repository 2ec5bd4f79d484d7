import { createHash } from 'node:crypto';
import { findCollation } from '../translate/types/collations.js';

/** Collation of the server, of system databases, and of databases created without COLLATE. */
export const serverCollation = 'SQL_Latin1_General_CP1_CI_AS';

const functions = new Map<string, (name: string) => string>();

/** Names are equal under a collation when their keys are equal. */
export function nameKey(name: string, collation: string = serverCollation): string {
  let key = functions.get(collation);
  if (key === undefined) {
    key = keyFunction(collation);
    functions.set(collation, key);
  }
  return key(name);
}

function keyFunction(name: string): (name: string) => string {
  const collation = findCollation(name);
  if (collation.caseSensitive) return (text) => text;
  if (collation.accentSensitive) return (text) => text.toUpperCase();
  return (text) =>
    text
      .normalize('NFD')
      .replace(/\p{Mn}/gu, '')
      .toUpperCase();
}

const postgresNameBytes = 63;

/** An unquoted PostgreSQL name for a T-SQL name: PostgreSQL cuts names at 63 bytes, so longer ones end in a hash. */
export function postgresIdentifier(name: string): string {
  if (Buffer.byteLength(name) <= postgresNameBytes) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 16);
  let kept = name.slice(0, 46);
  while (Buffer.byteLength(kept) > 46) kept = kept.slice(0, -1);
  return `${kept}~${hash}`;
}

export function quotePostgres(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

export function quotePostgresText(text: string): string {
  return text.includes('\\')
    ? ` E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
    : `'${text.replaceAll("'", "''")}'`;
}

/** Quoted PostgreSQL schema of a database's schema. */
export function postgresSchema(database: string, schema: string): string {
  return quotePostgres(postgresIdentifier(`${database}.${schema}`));
}

export function sameName(a: string, b: string, collation: string): boolean {
  return nameKey(a, collation) === nameKey(b, collation);
}
