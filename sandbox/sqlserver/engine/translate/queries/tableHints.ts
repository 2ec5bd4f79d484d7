import type { TableHint } from '../../../tsql/ast.js';
import { unsupported } from '../../../tsql/unsupported.js';
import type { CatalogTable } from '../../catalog/model.js';
import { hintError, unknownIndex } from './hintErrors.js';
import type { StatementBuilder } from '../statementBuilder.js';

/** Hints that change no result here: readers never wait for writers, locks are by row. */
const withoutEffect = new Set([
  'NOLOCK',
  'READUNCOMMITTED',
  'READCOMMITTED',
  'READCOMMITTEDLOCK',
  'ROWLOCK',
  'PAGLOCK',
  'INDEX',
  'FORCESEEK',
  'FORCESCAN',
  'NOEXPAND',
]);

const honoured = new Set([
  'HOLDLOCK',
  'SERIALIZABLE',
  'UPDLOCK',
  'XLOCK',
  'TABLOCK',
  'TABLOCKX',
  'READPAST',
  'REPEATABLEREAD',
  'NOWAIT',
]);

const dirtyReads = ['NOLOCK', 'READUNCOMMITTED'];
const wholeRange = ['HOLDLOCK', 'SERIALIZABLE'];

/**
 * Of each group one hint at most may be given: granularity, isolation level, kind of lock; who reads dirty takes no
 * lock. Words of one entry mean the same.
 */
const exclusive: readonly (readonly (readonly string[])[])[] = [
  [['PAGLOCK'], dirtyReads, ['READCOMMITTEDLOCK'], ['ROWLOCK'], ['TABLOCK'], ['TABLOCKX']],
  [wholeRange, dirtyReads, ['READCOMMITTED'], ['READCOMMITTEDLOCK'], ['REPEATABLEREAD']],
  [dirtyReads, ['UPDLOCK'], ['XLOCK']],
];

/** Isolation levels of hints that READPAST works at, whatever the session's is. */
const levelsOfReadPast = ['READCOMMITTED', 'READCOMMITTEDLOCK', 'REPEATABLEREAD'];

/**
 * Table hints of a source that is read, honoured with PostgreSQL's locks: UPDLOCK and XLOCK lock the rows read,
 * HOLDLOCK takes a lock on the whole table that keeps writers out (SQL Server locks the key range), TABLOCKX one that
 * keeps everybody else out. Gives the locking clause for the end of the query.
 */
export function applyTableHints(
  builder: StatementBuilder,
  table: CatalogTable,
  hints: readonly TableHint[],
  alias: string,
): string | undefined {
  const names = checkedHints(builder, table, hints);
  if (!isLockable(table)) return undefined;
  const updates = names.has('UPDLOCK') || names.has('XLOCK');
  const holds = names.has('HOLDLOCK') || names.has('SERIALIZABLE');
  if (names.has('TABLOCKX') || (names.has('TABLOCK') && names.has('XLOCK'))) builder.lock(table, 'ACCESS EXCLUSIVE');
  else if (holds && updates) builder.lock(table, 'SHARE ROW EXCLUSIVE');
  else if (holds) builder.lock(table, 'SHARE');
  const skip = names.has('READPAST') ? ' SKIP LOCKED' : '';
  if (updates) return `FOR UPDATE OF ${alias}${skip}`;
  if (skip !== '' || names.has('REPEATABLEREAD')) return `FOR SHARE OF ${alias}${skip}`;
  return undefined;
}

/** Hints of the target of a modification: the lock of the whole table, and whether locked rows are passed over. */
export function applyTargetHints(
  builder: StatementBuilder,
  table: CatalogTable,
  hints: readonly TableHint[],
): { readPast: boolean } {
  const names = checkedHints(builder, table, hints);
  if (isLockable(table)) {
    if (names.has('TABLOCKX')) builder.lock(table, 'ACCESS EXCLUSIVE');
    else if (names.has('TABLOCK')) builder.lock(table, 'EXCLUSIVE');
    else if (names.has('HOLDLOCK') || names.has('SERIALIZABLE')) builder.lock(table, 'SHARE ROW EXCLUSIVE');
  }
  return { readPast: names.has('READPAST') };
}

/** Tables of the session's own need no locks; views and system views have none. */
function isLockable(table: CatalogTable): boolean {
  return table.kind === 'table';
}

/** The names of the hints. Errors: 1047, 650, 307 and 308. */
function checkedHints(builder: StatementBuilder, table: CatalogTable, hints: readonly TableHint[]): Set<string> {
  for (const hint of hints) {
    if (!withoutEffect.has(hint.name) && !honoured.has(hint.name))
      throw unsupported(`the table hint ${hint.name}`, hint.span);
    for (const index of hint.indexes) requireIndex(builder, table, index, hint);
  }
  const names = new Set(hints.map((hint) => hint.name));
  for (const group of exclusive) {
    if (group.filter((words) => words.some((word) => names.has(word))).length > 1) {
      throw hintError('conflictingHints', hints[0]?.span);
    }
  }
  if (names.has('READPAST') && !mayReadPast(builder, names)) throw hintError('readPastLevel', hints[0]?.span);
  if (names.has('NOWAIT')) builder.noWait = true;
  return names;
}

/** READPAST works at READ COMMITTED and REPEATABLE READ, and at SNAPSHOT for who takes locks. */
function mayReadPast({ context }: StatementBuilder, names: ReadonlySet<string>): boolean {
  if ([...dirtyReads, ...wholeRange].some((name) => names.has(name))) return false;
  if (levelsOfReadPast.some((name) => names.has(name))) return true;
  const { isolation } = context.options;
  if (isolation === 'snapshot') return names.has('UPDLOCK') || names.has('XLOCK');
  return isolation === 'readCommitted' || isolation === 'repeatableRead';
}

/** An index in a hint is named, or is a number: 0 is the table itself. */
function requireIndex(builder: StatementBuilder, table: CatalogTable, index: string, hint: TableHint): void {
  if (/^\d+$/.test(index)) {
    const id = Number(index);
    if (id !== 0 && table.indexes?.every((other) => other.id !== id) === true) {
      throw unknownIndex({ id: index }, table.name, hint.span);
    }
    return;
  }
  const key = builder.nameKey(index);
  if (table.indexes?.every((other) => builder.nameKey(other.name) !== key) === true) {
    throw unknownIndex({ name: index }, table.name, hint.span);
  }
}

/**
 * Hints that may not be written at the target itself: errors 1065, 1069, and 4102 for targets of INSERT and MERGE. In
 * FROM, UPDATE and DELETE take them for their target.
 */
export function refuseTargetHints(
  hints: readonly TableHint[],
  command: 'INSERT' | 'UPDATE' | 'DELETE' | 'MERGE',
): void {
  for (const { name, span } of hints) {
    if (dirtyReads.includes(name)) throw hintError('dirtyTarget', span);
    if (name === 'INDEX' || name === 'FORCESEEK' || name === 'FORCESCAN') throw hintError('indexHintAtTarget', span);
    if (name === 'READPAST' && (command === 'INSERT' || command === 'MERGE')) throw hintError('readPastTarget', span);
  }
}
