import { SqlError } from '../../api.js';
import type { Position } from '../errors.js';

/** Errors of table hints, with the numbers and texts of sys.messages. */

function hintError(number: number, message: string, severity: 15 | 16, position: Position | undefined): SqlError {
  return new SqlError(number, message, { class: severity, ...(position === undefined ? {} : { line: position.line }) });
}

export function unknownIndexNumber(index: string, table: string, position?: Position): SqlError {
  return hintError(
    307,
    `Index ID ${index} on table '${table}' (specified in the FROM clause) does not exist.`,
    16,
    position,
  );
}

export function unknownIndexName(index: string, table: string, position?: Position): SqlError {
  return hintError(
    308,
    `Index '${index}' on table '${table}' (specified in the FROM clause) does not exist.`,
    16,
    position,
  );
}

/** READPAST at another isolation level. */
export function readPastLevel(position?: Position): SqlError {
  return hintError(
    650,
    'You can only specify the READPAST lock in the READ COMMITTED or REPEATABLE READ isolation levels.',
    16,
    position,
  );
}

/** Two table hints of which one at most may be given. */
export function conflictingHints(position?: Position): SqlError {
  return hintError(1047, 'Conflicting locking hints specified.', 15, position);
}

/** NOLOCK or READUNCOMMITTED at the table that a statement changes. */
export function dirtyTarget(position?: Position): SqlError {
  return hintError(
    1065,
    'The NOLOCK and READUNCOMMITTED lock hints are not allowed for target tables of INSERT, UPDATE, DELETE or MERGE statements.',
    15,
    position,
  );
}

export function indexHintAtTarget(position?: Position): SqlError {
  return hintError(1069, 'Index hints are only allowed in a FROM or OPTION clause.', 16, position);
}

export function readPastTarget(position?: Position): SqlError {
  return hintError(
    4102,
    'The READPAST lock hint is only allowed on target tables of UPDATE and DELETE and on tables specified in an explicit FROM clause.',
    15,
    position,
  );
}
