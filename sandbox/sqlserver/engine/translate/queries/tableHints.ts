import type { TableHint } from '../../../tsql/ast.js';
import { unsupported } from '../../../tsql/unsupported.js';
import type { CatalogTable } from '../../catalog/model.js';
import { conflictingHints, dirtyTarget } from '../errors.js';
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
  'KEEPIDENTITY',
  'KEEPDEFAULTS',
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

/** Of each group one hint at most may be given: granularity, isolation level. Words of one entry mean the same. */
const exclusive: readonly (readonly (readonly string[])[])[] = [
  [['PAGLOCK'], ['NOLOCK', 'READUNCOMMITTED'], ['READCOMMITTEDLOCK'], ['ROWLOCK'], ['TABLOCK'], ['TABLOCKX']],
  [['HOLDLOCK', 'SERIALIZABLE'], ['NOLOCK', 'READUNCOMMITTED'], ['READCOMMITTED'], ['REPEATABLEREAD']],
];

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
  const names = hintNames(hints);
  if (names.has('NOWAIT')) builder.noWait = true;
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
  const names = hintNames(hints);
  if (names.has('NOWAIT')) builder.noWait = true;
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

function hintNames(hints: readonly TableHint[]): Set<string> {
  for (const hint of hints) {
    if (!withoutEffect.has(hint.name) && !honoured.has(hint.name))
      throw unsupported(`the table hint ${hint.name}`, hint.span);
  }
  const names = new Set(hints.map((hint) => hint.name));
  for (const group of exclusive) {
    if (group.filter((words) => words.some((word) => names.has(word))).length > 1) {
      throw conflictingHints(hints[0]?.span);
    }
  }
  return names;
}

/** Error 1065 for hints written at the target itself. In FROM, UPDATE and DELETE ignore them for their target. */
export function refuseDirtyTarget(hints: readonly TableHint[]): void {
  const dirty = hints.find(({ name }) => name === 'NOLOCK' || name === 'READUNCOMMITTED');
  if (dirty !== undefined) throw dirtyTarget(dirty.span);
}
