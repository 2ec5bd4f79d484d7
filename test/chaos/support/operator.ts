import { setTimeout as delay } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { OperatorMessageKind, PlanView, RunStatus } from '../../../src/contract.js';
import type { Destination } from './destination.js';

export interface OperatorOptions {
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  /** Called with every status that could be had. */
  readonly onStatus?: (status: RunStatus) => void;
}

/**
 * Operates a run that nothing can be relied on for: whatever fails is done again, and every signal is sent twice.
 * Resolves to the run's last status; rejects at the deadline, with what was the matter.
 */
export async function operate(
  client: Client,
  handle: WorkflowHandle,
  destination: Destination,
  options: OperatorOptions,
): Promise<RunStatus> {
  let trouble: unknown;
  let last: RunStatus | undefined;
  while (Date.now() < options.deadline) {
    try {
      const status = await client.withDeadline(Date.now() + 5_000, () => handle.query<RunStatus>('progress'));
      last = status;
      options.onStatus?.(status);
      const ended = await client.withDeadline(Date.now() + 5_000, async () => {
        return (await handle.describe()).status.name !== 'RUNNING';
      });
      if (ended) return await handle.query<RunStatus>('progress');
      await answer(client, handle, destination, status);
      trouble = undefined;
    } catch (error) {
      trouble = error;
    }
    await delay(250);
  }
  const stand = last === undefined ? 'no status' : `${last.state}, ${last.stage}: ${last.waitingFor?.text ?? ''}`;
  throw new Error(`the run did not end in time (${stand})`, { cause: trouble });
}

async function answer(
  client: Client,
  handle: WorkflowHandle,
  destination: Destination,
  { waitingFor }: RunStatus,
): Promise<void> {
  const twice = async (kind: OperatorMessageKind, message: object): Promise<void> => {
    for (let time = 0; time < 2; time += 1) {
      await client.withDeadline(Date.now() + 5_000, () => handle.signal(kind, { ...message, by: 'tester' }));
    }
  };
  if (waitingFor?.kind === 'approval') await twice('approve', { stage: waitingFor.stage });
  if (waitingFor?.kind === 'retry') {
    const { stage, entity } = waitingFor;
    await twice('retry', entity === undefined ? { stage } : { entity });
  }
  if (waitingFor?.kind === 'confirmation') {
    const plan = await client.withDeadline(Date.now() + 5_000, () => handle.query<PlanView | null>('plan'));
    await destination.setApplicationsEnabled(plan?.applications ?? [], waitingFor.step === 'applicationsEnabled');
    await twice('confirm', { step: waitingFor.step });
  }
}
