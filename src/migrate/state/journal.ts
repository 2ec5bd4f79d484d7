import type { DecisionRecord, FailureRecord, JournalInput, JournalLine } from '../../contract.js';
import { interruption, isDuplicateKey } from '../../sqlserver/errors.js';
import { quoteText } from '../../sqlserver/quoteName.js';
import type { DestinationSession } from '../../sqlserver/session.js';
import type { StateTables } from './stateTables.js';
import { withWriteTransaction } from './transaction.js';

const linePrefix = 'journal:';
/** Digits of a line's number in its name, so that names sort as numbers do. */
const numberDigits = 9;

/** What a run's journal tells, oldest first. */
export interface JournalRecords {
  readonly decisions: readonly DecisionRecord[];
  readonly failures: readonly FailureRecord[];
}

/**
 * Adds lines to a run's journal; a line that is there already stays as it is.
 * @throws RefreshError RunClosed once the run was closed or taken over
 */
export async function writeJournal(
  session: DestinationSession,
  state: StateTables,
  { run, writer, lines }: JournalInput,
): Promise<void> {
  const table = state.table('note');
  await withWriteTransaction(session, state, run, false, async (transaction) => {
    for (const line of lines) {
      const name = quoteText(`${linePrefix}${writer}:${String(line.number).padStart(numberDigits, '0')}`);
      const content = quoteText(JSON.stringify(line));
      try {
        await transaction.session.batch(
          `INSERT INTO ${table} (run, name, content, written_at) SELECT ${transaction.runNumber}, ${name}, ${content}, GETUTCDATE() ` +
            `WHERE NOT EXISTS (SELECT 1 FROM ${table} WHERE run = ${transaction.runNumber} AND name = ${name});`,
        );
      } catch (error) {
        if (isDuplicateKey(error)) {
          throw interruption('overlap', 'another attempt has written this line', 'journal');
        }
        throw error;
      }
    }
  });
}

/**
 * What the journal of a run tells, that of a `recover` of it included.
 * @param except a workflow whose own lines are left out; null: none
 */
export async function readJournal(
  session: DestinationSession,
  state: StateTables,
  runNumber: number,
  except: string | null = null,
): Promise<JournalRecords> {
  const others = except === null ? '' : ` AND name NOT LIKE ${quoteText(`${linePrefix}${except}:%`)}`;
  const rows = await session.rows(
    `SELECT content FROM ${state.table('note')} WHERE run = ${runNumber} AND name LIKE N'${linePrefix}%'${others} ` +
      'ORDER BY written_at, name;',
  );
  return fold(rows.map((row) => JSON.parse(String(row[0])) as JournalLine));
}

function fold(lines: readonly JournalLine[]): JournalRecords {
  const decisions: DecisionRecord[] = [];
  const failures: FailureRecord[] = [];
  for (const line of lines) {
    if ('decision' in line) decisions.push(line.decision);
    else if ('failure' in line) failures.push(line.failure);
    else {
      const index = failures.findLastIndex(({ target }) => target === line.answer.target);
      const failure = failures[index];
      if (failure !== undefined) failures[index] = { ...failure, answer: line.answer.answer };
    }
  }
  return { decisions, failures };
}
