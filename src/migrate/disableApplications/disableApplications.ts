import type { SliceResult } from '../../contract.js';
import { withDestination, type StageContext } from '../stageContext.js';
import { readNote, writeNote } from '../state/notes.js';
import { withWriteTransaction } from '../state/transaction.js';
import { changedTables, lookForActivity, markTables, type TableMarks } from './quiet.js';

/** Milliseconds between the two looks that prove quiet. */
const timeBetweenLooks = 3_000;

interface FirstLook {
  readonly at: number;
  readonly marks: TableMarks;
}

const firstLookNote = 'quiet:firstLook';
export const disabledNote = 'applicationsDisabled';

/**
 * Has the applications disabled, then proves that they are quiet: queues empty, no timer or activity running, and no
 * row added or removed between two looks. In mode confirm the operator disables them in Service Center and confirms.
 */
export async function disableApplications(context: StageContext, confirmed: boolean): Promise<SliceResult> {
  if (context.maintenance.mode === 'confirm' && !confirmed) return waiting('disable the applications in Service Center, then confirm applicationsDisabled');
  return withDestination(context, async (session) => {
    if ((await readNote(session, context.state, context.run.run, disabledNote)) === null) {
      await context.maintenance.apply('disable', context.plan.applications, context.signal);
      await withWriteTransaction(session, context.state, context.run, false, (transaction) =>
        writeNote(transaction, context.state, disabledNote, { applications: context.plan.applications.length }),
      );
    }
    const activity = await lookForActivity(session, context.plan);
    const busy = [
      activity.queued > 0 ? `${activity.queued} events in the queues` : null,
      activity.timers > 0 ? `${activity.timers} timers running` : null,
      activity.activities > 0 ? `${activity.activities} activities running` : null,
    ].filter((each) => each !== null);
    const marks = await markTables(session, context.plan);
    const first = busy.length > 0 ? null : await readNote<FirstLook>(session, context.state, context.run.run, firstLookNote);
    const changed = first === null ? [] : changedTables(first.marks, marks);
    if (first !== null && changed.length === 0) {
      if (Date.now() - first.at >= timeBetweenLooks) return { done: true, handled: context.plan.applications.length, waiting: null, problems: [] };
      return waiting('watching whether the disabled applications still write');
    }
    await withWriteTransaction(session, context.state, context.run, false, (transaction) =>
      writeNote(transaction, context.state, firstLookNote, { at: Date.now(), marks } satisfies FirstLook),
    );
    if (busy.length > 0) return waiting(`disabled applications are still at work: ${busy.join(', ')}`);
    if (changed.length > 0) return waiting(`disabled applications still write: ${changed.slice(0, 5).join(', ')}`);
    return waiting('watching whether the disabled applications still write');
  });
}

function waiting(text: string): SliceResult {
  return { done: false, handled: 0, waiting: text, problems: [] };
}
