import { CancellationScope, condition } from '@temporalio/workflow';
import { records } from './activityOptions.js';
import { isWorkFailure } from './failures.js';
import type { Run } from './run.js';

/** Bounds what one call carries; a note may hold 2,000 characters. */
const linesPerCall = 100;

/**
 * Keeps what is decided and what fails in the state schema while the run goes on, so that the report of a run whose
 * workflow is lost still tells it. Lines that come while others are being written go together. Ends with closeJournal,
 * or when the destination refuses them, as it does for a run that was closed or taken over.
 */
export function keepJournal(run: Run): void {
  const { journal } = run.state.steering;
  const due = () => run.journalClosed || (run.state.reference !== null && journal.unwritten.length > 0);
  void CancellationScope.nonCancellable(async () => {
    for (;;) {
      await condition(due);
      if (run.journalClosed) return;
      const lines = journal.unwritten.slice(0, linesPerCall);
      try {
        await records.writeJournal({ run: run.state.reference!, writer: run.state.run, lines });
      } catch (error) {
        if (!isWorkFailure(error)) throw error;
        run.journalClosed = true;
        return;
      }
      const written = new Set(lines.map(({ number }) => number));
      journal.unwritten = journal.unwritten.filter(({ number }) => !written.has(number));
    }
  });
}

/** Lets what was said so far be written: once a run is fenced off its reference is refused. */
export async function closeJournal(run: Run): Promise<void> {
  const { journal } = run.state.steering;
  await condition(() => run.journalClosed || run.state.reference === null || journal.unwritten.length === 0);
  run.journalClosed = true;
}
