import type { PostgresConnection } from '../../postgres/connection.js';
import type { Session } from '../session/session.js';

const pollInterval = 50;

/**
 * Chooses the victim of a deadlock by SET DEADLOCK_PRIORITY. PostgreSQL ends whichever session notices first, which
 * suits sessions of one priority; so this looks only while some session has another priority than NORMAL, and sooner
 * than PostgreSQL's deadlock_timeout.
 */
export class DeadlockMonitor {
  private timer: NodeJS.Timeout | undefined;
  private looking = false;

  constructor(
    private readonly sessions: ReadonlyMap<number, Session>,
    private readonly connection: PostgresConnection,
  ) {}

  /** To be called when a session has changed its priority. */
  watch(): void {
    if (this.timer !== undefined || !this.hasPriorities()) return;
    this.timer = setInterval(() => void this.tick(), pollInterval);
    this.timer.unref();
  }

  close(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private hasPriorities(): boolean {
    return [...this.sessions.values()].some((session) => session.settings.deadlockPriority !== 0);
  }

  private async tick(): Promise<void> {
    if (!this.hasPriorities() || !this.connection.isOpen) return this.close();
    if (this.looking) return;
    const running = [...this.sessions.values()].filter((session) => session.requestText !== undefined);
    if (running.length < 2) return;
    this.looking = true;
    try {
      await this.look(running);
    } catch {
      // The PostgreSQL server is going down, and its sessions with it.
    } finally {
      this.looking = false;
    }
  }

  private async look(running: readonly Session[]): Promise<void> {
    const rows = await this.connection.rows(
      "select pid, array_to_string(pg_blocking_pids(pid), ',') from pg_stat_activity where wait_event_type = 'Lock'",
    );
    const blockers = new Map(rows.map(([pid, by]) => [Number(pid), (by ?? '').split(',').map(Number)]));
    for (const session of running) {
      const circle = circleOf(session.connection.processId, blockers);
      const members = running.filter((other) => circle.includes(other.connection.processId));
      const priorities = members.map((member) => member.settings.deadlockPriority);
      const lowest = Math.min(...priorities);
      if (members.length < 2 || priorities.every((priority) => priority === lowest)) continue;
      const victim = members.find((member) => member.settings.deadlockPriority === lowest);
      await victim?.endAsDeadlockVictim();
      return;
    }
  }
}

/** Processes on a way of waiting that leads from `start` back to it; none when it is in no deadlock. */
function circleOf(start: number, blockers: ReadonlyMap<number, readonly number[]>): number[] {
  const visited = new Set<number>();
  const search = (process: number, path: readonly number[]): number[] => {
    for (const blocker of blockers.get(process) ?? []) {
      if (blocker === start) return [...path, process];
      if (visited.has(blocker)) continue;
      visited.add(blocker);
      const found = search(blocker, [...path, process]);
      if (found.length > 0) return found;
    }
    return [];
  };
  return search(start, []);
}
