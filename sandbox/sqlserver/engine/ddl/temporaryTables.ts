import { SqlError } from '../api.js';
import type { DeclareTableStatement } from '../../tsql/ast.js';
import type { Session } from '../session/session.js';
import { nameKey } from '../catalog/names.js';
import { createTemporaryTable } from './createTable.js';

/** DECLARE @t TABLE (...): the table lives as long as its scope. */
export async function declareTableVariable(session: Session, statement: DeclareTableStatement): Promise<void> {
  const existing = session.catalog.temporaryTable(statement.name);
  // DECLARE in a loop declares once.
  if (existing?.temporary?.scope === session.currentFrame.id) return;
  for (const element of statement.elements) {
    if (element.kind === 'foreignKey') {
      throw new SqlError(
        1018,
        "Incorrect syntax near 'FOREIGN'. FOREIGN KEY constraints are not allowed on table variables.",
        { class: 15 },
      );
    }
  }
  session.currentFrame.tableVariables.set(nameKey(statement.name), statement.elements);
  await session.transactions.atomic(session.settings.isolation, () =>
    createTemporaryTable(session, statement.name, statement.elements),
  );
}
