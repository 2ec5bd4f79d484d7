import { interruption, isDuplicateKey } from '../../sqlserver/errors.js';
import { quoteText } from '../../sqlserver/quoteName.js';
import type { DestinationSession } from '../../sqlserver/session.js';
import type { StateTables } from './stateTables.js';
import type { WriteTransaction } from './transaction.js';

/** Small facts that a run leaves for its later attempts and stages: counts and marks, never row values. */
export async function readNote<T>(
  session: DestinationSession,
  state: StateTables,
  run: string,
  name: string,
): Promise<T | null> {
  const [row] = await session.rows(
    `SELECT n.content FROM ${state.table('note')} n JOIN ${state.table('run')} r ON r.number = n.run ` +
      `WHERE r.id = ${quoteText(run)} AND n.name = ${quoteText(name)};`,
  );
  return typeof row?.[0] === 'string' ? (JSON.parse(row[0]) as T) : null;
}

/** Names of the run's notes that begin with the prefix. */
export async function noteNames(
  session: DestinationSession,
  state: StateTables,
  run: string,
  prefix: string,
): Promise<ReadonlySet<string>> {
  const rows = await session.rows(
    `SELECT n.name FROM ${state.table('note')} n JOIN ${state.table('run')} r ON r.number = n.run ` +
      `WHERE r.id = ${quoteText(run)} AND n.name LIKE ${quoteText(`${prefix}%`)};`,
  );
  return new Set(rows.map(([name]) => String(name)));
}

/**
 * Writes or replaces a note inside a write transaction. An overlapping attempt that writes the same one makes this fail on
 * the table's key: the transaction is tried again, and then replaces it.
 */
export async function writeNote(
  transaction: Pick<WriteTransaction, 'session' | 'runNumber'>,
  state: StateTables,
  name: string,
  content: unknown,
): Promise<void> {
  const table = state.table('note');
  const where = `WHERE run = ${transaction.runNumber} AND name = ${quoteText(name)}`;
  const text = quoteText(JSON.stringify(content));
  try {
    await transaction.session.batch(
      `UPDATE ${table} SET content = ${text}, written_at = GETUTCDATE() ${where};\n` +
        `IF @@ROWCOUNT = 0 INSERT INTO ${table} (run, name, content, written_at) VALUES (${transaction.runNumber}, ${quoteText(name)}, ${text}, GETUTCDATE());`,
    );
  } catch (error) {
    if (isDuplicateKey(error)) {
      throw interruption('overlap', 'another attempt has written this note', name);
    }
    throw error;
  }
}

/** A result of a stage that is no entity's, for the report. */
export interface StageFact {
  readonly stage: string;
  readonly text: string;
  readonly count: number;
}

const factPrefix = 'fact:';

/** Records what a stage did, in the transaction that did it; recording it again replaces the count. */
export async function recordFact(
  transaction: WriteTransaction,
  state: StateTables,
  stage: string,
  text: string,
  count: number,
): Promise<void> {
  await writeNote(transaction, state, `${factPrefix}${stage}:${text}`.slice(0, 128), {
    stage,
    text,
    count,
  } satisfies StageFact);
}

export async function readFacts(session: DestinationSession, state: StateTables, run: string): Promise<StageFact[]> {
  const rows = await session.rows(
    `SELECT n.content FROM ${state.table('note')} n JOIN ${state.table('run')} r ON r.number = n.run ` +
      `WHERE r.id = ${quoteText(run)} AND n.name LIKE N'${factPrefix}%' ORDER BY n.written_at, n.name;`,
  );
  return rows.map((row) => JSON.parse(String(row[0])) as StageFact);
}
