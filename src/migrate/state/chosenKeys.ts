import { TYPES } from 'tedious';
import type { DestinationSession, SqlRowArray } from '../../sqlserver/session.js';
import type { StateTables } from './stateTables.js';
import type { WriteTransaction } from './transaction.js';

/** Temporary table that keys are gathered in before they are added. */
export const chosenStage = '#chosen';

export async function createChosenStage(session: DestinationSession): Promise<void> {
  await session.batch(`DROP TABLE IF EXISTS ${chosenStage}; CREATE TABLE ${chosenStage} (source_key bigint NULL);`);
}

export async function stageChosen(session: DestinationSession, rows: readonly SqlRowArray[]): Promise<void> {
  if (rows.length > 0) await session.bulkLoad(chosenStage, [{ name: 'source_key', type: TYPES.BigInt }], rows);
}

/** Adds the staged keys to those of a node that move; empties the stage. */
export async function addChosen(transaction: WriteTransaction, state: StateTables, node: number): Promise<number> {
  const table = state.table('chosen_key');
  const [row] = await transaction.session.rows(
    [
      'SET NOCOUNT ON;',
      `INSERT INTO ${table} (run, node, source_key) SELECT DISTINCT ${transaction.runNumber}, ${node}, s.source_key FROM ${chosenStage} s`,
      `WHERE s.source_key IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ${table} c WHERE c.run = ${transaction.runNumber} AND c.node = ${node} AND c.source_key = s.source_key);`,
      'SELECT @@ROWCOUNT;',
      `TRUNCATE TABLE ${chosenStage};`,
    ].join('\n'),
  );
  return Number(row?.[0]);
}
