import type { CompensationResult, RunReference } from '../../contract.js';
import { disabledNote } from '../disableApplications/disableApplications.js';
import { readyNote } from '../enableApplications/enableApplications.js';
import { putSubscriptionsBack } from '../restoreEventSubscriptions/restoreEventSubscriptions.js';
import { withDestination, type StageContext } from '../stageContext.js';
import { readNote, writeNote } from '../state/notes.js';
import { findRun, raiseEpoch } from '../state/run.js';
import { takenOverNote } from '../state/takeOver.js';
import { withWriteTransaction } from '../state/transaction.js';

/**
 * What a run that ends badly owes its destination. Late writers are fenced off first. As long as no data was written
 * everything is undone: the subscriptions go back as they were and the applications are enabled. Afterwards the data is
 * neither the old nor the new: the applications stay disabled and only the rows that start processes go back, never rows
 * of source activities. May run again.
 */
export async function compensate(context: StageContext): Promise<CompensationResult> {
  return withDestination(context, async (session) => {
    const before = await findRun(session, context.state, context.run.run);
    if (before === null || !before.open) return { undone: true, left: [] };
    const run = await fenced(context);
    // Only now is it certain what was written: until the fence stood a late attempt could write.
    const stored = (await findRun(session, context.state, context.run.run)) ?? before;
    const own: StageContext = { ...context, run };
    const back = await putSubscriptionsBack(own, session, !stored.wroteData);
    context.heartbeat({ stage: 'compensate', rows: back });
    const disabled = (await readNote(session, context.state, run.run, disabledNote)) !== null;
    if (stored.wroteData) return { undone: false, left: leftAfterWriting(context, disabled) };
    if (!disabled) return { undone: true, left: [] };
    await context.maintenance.apply('enable', context.plan.applications, context.signal);
    await withWriteTransaction(session, context.state, run, false, (transaction) =>
      writeNote(transaction, context.state, readyNote, true),
    );
    return { undone: true, left: context.maintenance.mode === 'confirm' ? [enableByHand(context)] : [] };
  });
}

/** A run that `recover` took over has been fenced by that, and goes on with the epoch it was given. */
async function fenced(context: StageContext): Promise<RunReference> {
  return withDestination(context, async (session) => {
    const taken = await readNote<number>(session, context.state, context.run.run, takenOverNote);
    return taken === context.run.epoch ? context.run : raiseEpoch(session, context.state, context.run);
  });
}

function names(context: StageContext): string {
  return context.plan.applications.map(({ name }) => name).join(', ');
}

function enableByHand(context: StageContext): string {
  return `Enable these applications in Service Center, if they were disabled: ${names(context)}.`;
}

function leftAfterWriting(context: StageContext, disabled: boolean): string[] {
  const destination = context.run.destination;
  return [
    `The data of ${destination} is incomplete: start a new refresh, or restore a backup.`,
    ...(disabled
      ? [
          `These applications stay disabled: ${names(context)}. To enable them as they are: refresh recover ${destination}`,
        ]
      : []),
  ];
}
