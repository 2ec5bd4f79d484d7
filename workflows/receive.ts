import { ApplicationFailure, setHandler } from '@temporalio/workflow';
import type { OperatorMessageKind } from '../src/contract.js';
import {
  childReportSignal,
  entityProgressQuery,
  operatorMessageDescriptions,
  operatorSignals,
  operatorUpdates,
  planQuery,
  progressQuery,
} from './messages.js';
import { now, type Run } from './run.js';
import { entityDetailsOf, planViewOf, statusOf } from './runState.js';
import type { ItemScheduler } from './scheduler.js';
import { apply, parseMessage, recordUnreadable, refusal } from './steering.js';

/** Signals and updates of the same names go through the same functions; handlers stand before the first await. */
export function receiveMessages(run: Run, scheduler: { current: ItemScheduler | null }): void {
  const { state } = run;
  const { steering } = state;
  for (const kind of Object.keys(operatorUpdates) as OperatorMessageKind[]) {
    const description = operatorMessageDescriptions[kind];
    setHandler(
      operatorSignals[kind],
      (payload: unknown) => {
        const message = parseMessage(kind, payload);
        if (typeof message === 'string') recordUnreadable(steering, kind, message, now());
        else apply(steering, message, now());
        run.show();
      },
      { description },
    );
    setHandler(
      operatorUpdates[kind],
      (payload: unknown) => {
        const message = parseMessage(kind, payload);
        const record =
          typeof message === 'string'
            ? recordUnreadable(steering, kind, message, now())
            : apply(steering, message, now());
        run.show();
        return record;
      },
      {
        description,
        // Synchronous: an async validator would never refuse, and a refused update leaves no trace in history.
        validator: (payload: unknown) => {
          const message = parseMessage(kind, payload);
          const reason = typeof message === 'string' ? message : refusal(steering, message);
          if (reason !== null) throw ApplicationFailure.nonRetryable(reason, 'BadInput');
        },
      },
    );
  }
  setHandler(childReportSignal, ({ entities }) => {
    scheduler.current?.take(entities);
    run.show();
  });
  setHandler(progressQuery, () => statusOf(state, now()), { description: 'Where the run stands.' });
  setHandler(entityProgressQuery, ({ espace, entity }) => entityDetailsOf(state, espace, entity, now()), {
    description: 'One entity: { "espace": "...", "entity": "..." }.',
  });
  setHandler(planQuery, () => planViewOf(state), {
    description: 'What was planned, and what was decided so far.',
  });
}
