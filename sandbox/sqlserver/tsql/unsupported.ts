import { SqlError } from '../engine/api.js';

/** Number of the one error by which the sandbox refuses what SQL Server would accept. */
export const unsupportedErrorNumber = 50001;

/**
 * The refusal of a construct by its name: error 50001, class 16.
 * @param construct what is refused, as a user would call it: 'FOR XML', 'the MONEY style 126'
 * @param position where it stands; only the line is used
 */
export function unsupported(construct: string, position?: { readonly line: number }): SqlError {
  return new SqlError(unsupportedErrorNumber, `The sandbox does not support ${construct}.`, {
    class: 16,
    ...(position === undefined ? {} : { line: position.line }),
  });
}
