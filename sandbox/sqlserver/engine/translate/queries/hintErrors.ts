import { SqlError } from '../../api.js';
import type { Position } from '../errors.js';

/** Errors of table hints as sys.messages has them: number, severity and text. */
const hintErrors = {
  /** READPAST at another isolation level. */
  readPastLevel: [
    650,
    16,
    'You can only specify the READPAST lock in the READ COMMITTED or REPEATABLE READ isolation levels.',
  ],
  /** Two table hints of which one at most may be given. */
  conflictingHints: [1047, 15, 'Conflicting locking hints specified.'],
  /** NOLOCK or READUNCOMMITTED at the table that a statement changes. */
  dirtyTarget: [
    1065,
    15,
    'The NOLOCK and READUNCOMMITTED lock hints are not allowed for target tables of INSERT, UPDATE, DELETE or MERGE statements.',
  ],
  indexHintAtTarget: [1069, 16, 'Index hints are only allowed in a FROM or OPTION clause.'],
  readPastTarget: [
    4102,
    15,
    'The READPAST lock hint is only allowed on target tables of UPDATE and DELETE and on tables specified in an explicit FROM clause.',
  ],
} as const;

export function hintError(error: keyof typeof hintErrors, position?: Position): SqlError {
  const [number, severity, message] = hintErrors[error];
  return errorAt(number, severity, message, position);
}

/** An index that a hint names (308) or numbers (307), and that the table does not have. */
export function unknownIndex(
  index: { readonly name: string } | { readonly id: string },
  table: string,
  at?: Position,
): SqlError {
  const [number, what] = 'id' in index ? [307, `Index ID ${index.id}`] : [308, `Index '${index.name}'`];
  return errorAt(number, 16, `${what} on table '${table}' (specified in the FROM clause) does not exist.`, at);
}

function errorAt(number: number, severity: 15 | 16, message: string, position: Position | undefined): SqlError {
  return new SqlError(number, message, { class: severity, ...(position === undefined ? {} : { line: position.line }) });
}
