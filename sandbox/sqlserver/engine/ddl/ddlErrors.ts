import { SqlError } from '../api.js';

/** Errors of data definition, with the texts of sys.messages. */

export function objectExists(name: string): SqlError {
  return new SqlError(2714, `There is already an object named '${name}' in the database.`, { state: 6 });
}

export function duplicateColumn(column: string, table: string): SqlError {
  return new SqlError(
    2705,
    `Column names in each table must be unique. Column name '${column}' in table '${table}' is specified more than once.`,
    { state: 3 },
  );
}

export function cannotDrop(kind: string, name: string): SqlError {
  return new SqlError(
    3701,
    `Cannot drop the ${kind} '${name}', because it does not exist or you do not have permission.`,
    { class: 11, state: 5 },
  );
}

export function notAConstraint(name: string): SqlError {
  return new SqlError(3728, `'${name}' is not a constraint.`);
}

export function constraintMissing(name: string): SqlError {
  return new SqlError(4917, `Constraint '${name}' does not exist.`, { state: 0 });
}

/** 4902 for ALTER TABLE, 4701 for TRUNCATE, 1088 for the others. */
export function objectNotFound(number: 4902 | 4701 | 1088, name: string): SqlError {
  return new SqlError(
    number,
    `Cannot find the object "${name}" because it does not exist or you do not have permissions.`,
    { state: number === 1088 ? 11 : 1 },
  );
}

export function permissionDeniedInDatabase(permission: string, database: string): SqlError {
  return new SqlError(262, `${permission} permission denied in database '${database}'.`, { class: 14 });
}

export function schemaMissing(name: string): SqlError {
  return new SqlError(
    2760,
    `The specified schema name "${name}" either does not exist or you do not have permission to use it.`,
  );
}
