import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleDescription,
  type ScheduleHandle,
} from '@temporalio/client';
import { refreshWorkflowType } from '../contract.js';
import { CommandError, exitCodes } from './exitCodes.js';

export interface NewSchedule {
  readonly id: string;
  readonly cron: string;
  /** IANA name; null: UTC. */
  readonly timeZone: string | null;
  /** Milliseconds: runs that were due while Temporal was down are started later if they are not older than this. */
  readonly catchUp: number;
  /** Checked. */
  readonly request: { readonly source: string; readonly destination: string };
}

export interface ScheduleListEntry {
  readonly id: string;
  readonly cron: string | null;
  readonly timeZone: string | null;
  readonly paused: boolean;
  readonly note: string | null;
  readonly runs: number;
  /** Due while the one before was still at work. */
  readonly skipped: number;
  /** Due while Temporal was down, for longer than the catch-up window. */
  readonly missed: number;
  /** The last run that was started; `refresh status` shows it. */
  readonly lastRun: string | null;
  readonly lastAt: string | null;
  readonly nextAt: string | null;
}

/** Refreshes that Temporal starts by itself. Two of one schedule never overlap: one that is due meanwhile is skipped. */
export class RunSchedules {
  constructor(
    private readonly client: Client,
    private readonly taskQueue: string,
  ) {}

  async create({ id, cron, timeZone, catchUp, request }: NewSchedule): Promise<void> {
    const what = `Refresh ${request.destination} from ${request.source}`;
    try {
      await this.client.schedule.create({
        scheduleId: id,
        spec: { cronExpressions: [cron], ...(timeZone === null ? {} : { timezone: timeZone }) },
        policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: catchUp },
        // What the server makes of a cron expression is no longer one: the text is kept for the list.
        memo: { cron, timeZone },
        action: {
          type: 'startWorkflow',
          workflowType: refreshWorkflowType,
          workflowId: id,
          taskQueue: this.taskQueue,
          args: [request],
          staticSummary: what.slice(0, 100),
        },
      });
    } catch (error) {
      if (error instanceof ScheduleAlreadyRunning) {
        throw new CommandError(
          exitCodes.badInput,
          `There is a schedule ${id} already. Delete it first: refresh schedule delete ${id}.`,
        );
      }
      // The SDK's way to say that the server called an argument invalid.
      if (error instanceof TypeError) {
        throw new CommandError(
          exitCodes.badInput,
          `Temporal does not take the cron expression "${cron}"${timeZone === null ? '' : ` in ${timeZone}`}. Write it as minute hour day month weekday, such as "0 2 * * *".`,
        );
      }
      throw error;
    }
  }

  /** Schedules of refreshes; other schedules of the namespace are not listed. */
  async list(): Promise<ScheduleListEntry[]> {
    const entries: ScheduleListEntry[] = [];
    for await (const summary of this.client.schedule.list()) {
      if (summary.action?.workflowType !== refreshWorkflowType) continue;
      entries.push(entryOf(await this.client.schedule.getHandle(summary.scheduleId).describe()));
    }
    return entries;
  }

  async pause(id: string, note: string): Promise<void> {
    await this.known(id, (handle) => handle.pause(note));
  }

  async resume(id: string, note: string): Promise<void> {
    await this.known(id, (handle) => handle.unpause(note));
  }

  /** A run that is under way goes on. */
  async delete(id: string): Promise<void> {
    await this.known(id, (handle) => handle.delete());
  }

  private async known<T>(id: string, work: (handle: ScheduleHandle) => Promise<T>): Promise<T> {
    try {
      return await work(this.client.schedule.getHandle(id));
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
      throw new CommandError(
        exitCodes.badInput,
        `There is no schedule ${id}. refresh schedule list lists the schedules.`,
      );
    }
  }
}

function entryOf({ scheduleId, memo, state, info }: ScheduleDescription): ScheduleListEntry {
  const last = info.recentActions.at(-1);
  return {
    id: scheduleId,
    cron: typeof memo?.['cron'] === 'string' ? memo['cron'] : null,
    timeZone: typeof memo?.['timeZone'] === 'string' ? memo['timeZone'] : null,
    paused: state.paused,
    note: state.note ?? null,
    runs: info.numActionsTaken,
    skipped: info.numActionsSkippedOverlap,
    missed: info.numActionsMissedCatchupWindow,
    lastRun: last?.action.workflow.workflowId ?? null,
    lastAt: last?.takenAt.toISOString() ?? null,
    nextAt: state.paused ? null : (info.nextActionTimes[0]?.toISOString() ?? null),
  };
}
