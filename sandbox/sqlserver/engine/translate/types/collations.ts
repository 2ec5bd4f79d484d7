import { SqlError } from '../../api.js';
import { unsupported } from '../../../tsql/unsupported.js';
import { collationConflict } from '../errors.js';

/** How strings of a collation compare, and the PostgreSQL collation that does it. */
export interface Collation {
  readonly name: string;
  /** Schema-qualified PostgreSQL collation for comparing and ordering. */
  readonly postgresName: string;
  readonly caseSensitive: boolean;
  readonly accentSensitive: boolean;
  readonly binary: boolean;
}

const known = new Map<string, Collation>();

/**
 * The collation of a name; case does not matter. Collations of code page 1252 and the 100-series Latin ones are
 * supported with CI/CS and AI/AS, and binary ones; others are refused by name. Error 448 for names of no collation.
 */
export function findCollation(name: string): Collation {
  const key = name.toUpperCase();
  const found = known.get(key);
  if (found !== undefined) return found;
  const collation = parseCollation(name, key);
  known.set(key, collation);
  return collation;
}

const families = ['SQL_LATIN1_GENERAL_CP1', 'LATIN1_GENERAL_100', 'LATIN1_GENERAL'];

function parseCollation(name: string, key: string): Collation {
  const family = families.find((candidate) => key.startsWith(`${candidate}_`));
  if (family === undefined) {
    if (/^[A-Z0-9_]+_(CI|CS|BIN|BIN2)(_|$)/.test(key)) throw unsupported(`the collation ${name}`);
    throw new SqlError(448, `Invalid collation '${name}'.`);
  }
  const suffix = key.slice(family.length + 1).replace(/_SC$/, '');
  if (suffix === 'BIN' || suffix === 'BIN2') {
    return { name, postgresName: 'pg_catalog."C"', caseSensitive: true, accentSensitive: true, binary: true };
  }
  const match = /^(CI|CS)_(AI|AS)$/.exec(suffix);
  if (match === null) throw unsupported(`the collation ${name}`);
  const [, caseFlag, accentFlag] = match;
  return {
    name,
    postgresName: `tsql.${caseFlag}_${accentFlag}`.toLowerCase(),
    caseSensitive: caseFlag === 'CS',
    accentSensitive: accentFlag === 'AS',
    binary: false,
  };
}

/**
 * Collation precedence (Transact-SQL reference). `explicit`: a COLLATE clause; `implicit`: a column; `coercible`:
 * variables, constants, results of functions; `none`: two implicit collations met, which is an error only where a
 * collation is needed.
 */
export interface CollationLabel {
  readonly name: string;
  readonly rank: 'explicit' | 'implicit' | 'coercible' | 'none';
  /** The second name of a conflict, for error 468. */
  readonly conflictsWith?: string;
}

/** The label of an expression made of two. Throws 468 for two different explicit collations. */
export function combineCollations(a: CollationLabel, b: CollationLabel, operation: string): CollationLabel {
  const same = a.name.toUpperCase() === b.name.toUpperCase();
  if (a.rank === 'explicit' || b.rank === 'explicit') {
    if (a.rank === 'explicit' && b.rank === 'explicit' && !same) throw collationConflict(a.name, b.name, operation);
    return a.rank === 'explicit' ? a : b;
  }
  if (a.rank === 'none') return a;
  if (b.rank === 'none') return b;
  if (a.rank === 'implicit' && b.rank === 'implicit' && !same) {
    return { name: a.name, rank: 'none', conflictsWith: b.name };
  }
  return b.rank === 'implicit' && a.rank !== 'implicit' ? b : a;
}

/** The collation to compare by; throws 468 when two implicit ones are in conflict. */
export function resolveCollation(label: CollationLabel, operation: string): Collation {
  if (label.rank === 'none') throw collationConflict(label.name, label.conflictsWith ?? label.name, operation);
  return findCollation(label.name);
}
