import type { TableEntity } from '../catalog/entities.js';
import { nameKey } from '../catalog/names.js';
import { createTemporaryTable } from '../ddl/createTable.js';
import { continueIdentity } from '../ddl/selectInto.js';
import type { Frame } from '../session/frame.js';
import type { Session } from '../session/session.js';

/**
 * Takes the rows of all table variables before a rollback and gives what puts them back after it: table variables take
 * no part in transactions ("table (Transact-SQL)"), PostgreSQL's temporary tables do.
 */
export async function keepTableVariables(session: Session): Promise<() => Promise<void>> {
  const kept: { readonly table: TableEntity; readonly rows: readonly string[] }[] = [];
  for (const table of session.catalog.temporaryTables()) {
    if (!table.name.startsWith('@')) continue;
    const rows = await session.connection.rows(`select "@row"::text from ${table.postgresName} "@row"`);
    kept.push({ table, rows: rows.map((row) => row[0] ?? '') });
  }
  return async () => {
    for (const { table, rows } of kept) await putBack(session, table, rows);
  };
}

async function putBack(session: Session, before: TableEntity, rows: readonly string[]): Promise<void> {
  await session.transactions.atomic(session.settings.isolation, async () => {
    const present = [...session.catalog.temporaryTables()].find((table) => table.objectId === before.objectId);
    const table = present ?? (await declareAgain(session, before));
    if (table === undefined) return;
    if (present !== undefined) await session.connection.execute(`delete from ${table.postgresName}`);
    const columns = table.columns.filter((column) => column.computed === undefined);
    const names = columns.map((column) => column.postgresName).join(', ');
    const values = columns.map((column) => `("@row").${column.postgresName}`).join(', ');
    await session.connection.rows(
      `insert into ${table.postgresName} (${names}) select ${values} from (select unnest($1::text[])::${table.postgresName} as "@row") r`,
      [arrayText(rows)],
    );
    if (present === undefined) await continueIdentity(session, table);
  });
}

/** The table variable was declared inside of what was rolled back. */
async function declareAgain(session: Session, before: TableEntity): Promise<TableEntity | undefined> {
  const running = session.frame;
  let owner: Frame | undefined = running;
  while (owner !== undefined && owner.id !== before.temporary?.scope) owner = owner.parent;
  const elements = owner?.tableVariables.get(nameKey(before.name));
  if (owner === undefined || elements === undefined) return undefined;
  session.frame = owner;
  try {
    return await createTemporaryTable(session, before.name, elements);
  } finally {
    session.frame = running;
  }
}

function arrayText(values: readonly string[]): string {
  const quoted = values.map((value) => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`);
  return `{${quoted.join(',')}}`;
}
