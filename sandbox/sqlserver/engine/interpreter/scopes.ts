import { dropTable } from '../ddl/dropTable.js';
import type { Frame } from '../session/frame.js';
import type { Session } from '../session/session.js';

/** Ends a scope: its #temp tables and table variables go. */
export async function endScope(session: Session, frame: Frame): Promise<void> {
  await dropTemporaryTables(session, frame.id);
}

/** Drops the temporary tables of a scope, or all of them. */
export async function dropTemporaryTables(session: Session, scope?: number): Promise<void> {
  if (!session.connection.isOpen) return;
  const ended = [...session.catalog.temporaryTables()].filter(
    (table) => scope === undefined || table.temporary?.scope === scope,
  );
  if (ended.length === 0) return;
  await session.transactions.atomic(session.settings.isolation, async () => {
    for (const table of ended) await dropTable(session, table);
  });
}

/** Ends the table variables of a batch; its #temp tables stay with the session. */
export async function endTableVariables(session: Session, frame: Frame): Promise<void> {
  if (!session.connection.isOpen) return;
  const ended = [...session.catalog.temporaryTables()].filter(
    (table) => table.temporary?.scope === frame.id && table.name.startsWith('@'),
  );
  if (ended.length === 0) return;
  await session.transactions.atomic(session.settings.isolation, async () => {
    for (const table of ended) await dropTable(session, table);
  });
}
