import type { ReadDatabase } from '../sqlserver/readDatabase.js';
import { text, textOrNull } from '../factory/rowValues.js';
import { BadInputError } from '../plan/badInput.js';
import type { DatabaseIdentity } from './facts.js';

/** Which database a connection really leads to: names in configurations may be aliases. */
export async function readIdentity(db: ReadDatabase): Promise<DatabaseIdentity> {
  const [row] = await db.query(
    "SELECT @@SERVERNAME AS server_name, DB_NAME() AS database_name, CONVERT(nvarchar(128), DATABASEPROPERTYEX(DB_NAME(), 'Collation')) AS collation_name",
  );
  if (row === undefined)
    throw new BadInputError('IDENTITY_UNKNOWN', 'The server did not say which database it is.', 'Check the login.');
  return {
    server: text(row, 'server_name'),
    database: text(row, 'database_name'),
    collation: textOrNull(row, 'collation_name') ?? '',
  };
}

/**
 * Guards direction: production is never written, and source and destination are two databases.
 * Throws BadInputError (DESTINATION_IS_PRODUCTION, SAME_DATABASE).
 */
export function assertDirection(
  source: { readonly name: string; readonly purpose: string },
  destination: { readonly name: string; readonly purpose: string },
): void {
  if (destination.purpose !== 'production') return;
  const swapped = source.purpose !== 'production';
  throw new BadInputError(
    'DESTINATION_IS_PRODUCTION',
    `The destination ${destination.name} is a production environment; it is never written.` +
      (swapped ? ` The source ${source.name} is not a production one: source and destination look swapped.` : ''),
    swapped ? 'Swap source and destination in the request.' : 'Name a non-production environment as destination.',
  );
}

export function assertDifferentDatabases(
  source: { readonly name: string; readonly identity: DatabaseIdentity },
  destination: { readonly name: string; readonly identity: DatabaseIdentity },
): void {
  const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
  if (
    !same(source.identity.server, destination.identity.server) ||
    !same(source.identity.database, destination.identity.database)
  )
    return;
  throw new BadInputError(
    'SAME_DATABASE',
    `${source.name} and ${destination.name} are one and the same database: ${source.identity.database} on ${source.identity.server}.`,
    'Correct the server or database of one of them in the configuration.',
  );
}
