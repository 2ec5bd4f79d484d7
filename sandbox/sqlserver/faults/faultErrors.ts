import { SqlError } from '../engine/api.js';

/** Severities and texts as sys.messages has them, for the errors that cannot be brought about in the sandbox itself. */
const errors: Readonly<Record<number, { readonly severity: number; readonly text: string }>> = {
  701: { severity: 17, text: "There is insufficient system memory in resource pool 'default' to run this query." },
  1105: {
    severity: 17,
    text: "Could not allocate space for object 'dbo.T' in database 'D' because the 'PRIMARY' filegroup is full.",
  },
  1205: {
    severity: 13,
    text: 'Transaction (Process ID 51) was deadlocked on lock resources with another process and has been chosen as the deadlock victim. Rerun the transaction.',
  },
  1222: { severity: 16, text: 'Lock request time out period exceeded.' },
  4060: { severity: 11, text: 'Cannot open database "D" requested by the login. The login failed.' },
  9002: { severity: 17, text: "The transaction log for database 'D' is full due to 'LOG_BACKUP'." },
  18456: { severity: 14, text: "Login failed for user 'L'." },
  18487: { severity: 14, text: "Login failed for user 'L'.  Reason: The password of the account has expired." },
  18488: { severity: 14, text: "Login failed for user 'L'.  Reason: The password of the account must be changed." },
  40613: {
    severity: 17,
    text: "Database 'D' on server 'S' is not currently available. Please retry the connection later.",
  },
};

/** @throws SqlError naming the number when it is none that can be injected */
export function faultError(number: number): SqlError {
  const known = errors[number];
  if (known === undefined) throw new SqlError(50000, `sp_sandbox_fault: error ${number} is not known to the sandbox.`);
  return new SqlError(number, known.text, { class: known.severity });
}
