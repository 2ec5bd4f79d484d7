/**
 * Locks of sp_getapplock: named, per database, with SQL Server's modes. They live in this process, like the sessions
 * that hold them. Waiters are served in order, so that an exclusive request is not starved by shared ones.
 */

export type LockMode = 'IntentShared' | 'Shared' | 'Update' | 'IntentExclusive' | 'Exclusive';

export type LockOwner = 'Transaction' | 'Session';

/** Which modes two different holders may have at once (Lock Compatibility in the documentation). */
const compatible: Readonly<Record<LockMode, readonly LockMode[]>> = {
  IntentShared: ['IntentShared', 'Shared', 'Update', 'IntentExclusive'],
  Shared: ['IntentShared', 'Shared', 'Update'],
  Update: ['IntentShared', 'Shared'],
  IntentExclusive: ['IntentShared', 'IntentExclusive'],
  Exclusive: [],
};

const strength: readonly LockMode[] = ['IntentShared', 'Shared', 'IntentExclusive', 'Update', 'Exclusive'];

export interface HeldLock {
  readonly databaseId: number;
  readonly resource: string;
  readonly spid: number;
  readonly mode: LockMode;
  readonly owner: LockOwner;
  readonly granted: boolean;
}

interface Hold {
  readonly spid: number;
  readonly owner: LockOwner;
  mode: LockMode;
  count: number;
}

interface Waiter {
  readonly spid: number;
  readonly owner: LockOwner;
  readonly mode: LockMode;
  settle(result: 0 | 1 | -1 | -2 | -3): void;
}

interface Resource {
  readonly databaseId: number;
  readonly name: string;
  readonly holds: Hold[];
  readonly waiters: Waiter[];
}

export interface LockRequest {
  readonly databaseId: number;
  readonly resource: string;
  readonly spid: number;
  readonly mode: LockMode;
  readonly owner: LockOwner;
  /** Milliseconds; -1 waits without end, 0 does not wait. */
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
}

export class ApplicationLocks {
  private readonly resources = new Map<string, Resource>();

  /** 0 granted at once, 1 granted after waiting, -1 timed out, -2 cancelled, -3 deadlock victim. */
  async acquire(request: LockRequest): Promise<0 | 1 | -1 | -2 | -3> {
    const resource = this.resource(request.databaseId, request.resource);
    if (this.grantIfPossible(resource, request, resource.waiters.length > 0)) return 0;
    if (request.timeout === 0) {
      this.tidy(resource);
      return -1;
    }
    if (this.wouldDeadlock(request.spid, resource, request.mode)) {
      this.tidy(resource);
      return -3;
    }
    return this.wait(resource, request);
  }

  private wait(resource: Resource, request: LockRequest): Promise<0 | 1 | -1 | -2 | -3> {
    return new Promise((resolve) => {
      const timer = request.timeout > 0 ? setTimeout(() => waiter.settle(-1), request.timeout) : undefined;
      const abort = () => waiter.settle(-2);
      const waiter: Waiter = {
        spid: request.spid,
        owner: request.owner,
        mode: request.mode,
        settle: (result) => {
          const index = resource.waiters.indexOf(waiter);
          if (index < 0) return;
          resource.waiters.splice(index, 1);
          clearTimeout(timer);
          request.signal?.removeEventListener('abort', abort);
          resolve(result);
          this.serveWaiters(resource);
        },
      };
      resource.waiters.push(waiter);
      request.signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** Gives back one hold of the owner; false when it has none. */
  release(databaseId: number, name: string, spid: number, owner: LockOwner): boolean {
    const resource = this.resources.get(resourceKey(databaseId, name));
    const index = resource?.holds.findIndex((hold) => hold.spid === spid && hold.owner === owner) ?? -1;
    const hold = resource?.holds[index];
    if (resource === undefined || hold === undefined) return false;
    hold.count -= 1;
    if (hold.count === 0) resource.holds.splice(index, 1);
    this.serveWaiters(resource);
    return true;
  }

  /** Gives back all that a session holds for its transaction, or altogether. */
  releaseAll(spid: number, owner?: LockOwner): void {
    for (const resource of [...this.resources.values()]) {
      const kept = resource.holds.filter((hold) => hold.spid !== spid || (owner !== undefined && hold.owner !== owner));
      if (kept.length === resource.holds.length) continue;
      resource.holds.splice(0, resource.holds.length, ...kept);
      this.serveWaiters(resource);
    }
  }

  /** What is held, as JSON for the PostgreSQL functions APPLOCK_MODE and APPLOCK_TEST. */
  describe(): string {
    const held = this.list().filter((lock) => lock.granted);
    return JSON.stringify(
      held.map(({ databaseId, resource, spid, owner, mode }) => ({
        database: databaseId,
        resource,
        session: spid,
        owner,
        mode,
        compatible: compatible[mode],
      })),
    );
  }

  /** Everything held or waited for, for sys.dm_tran_locks. */
  list(): HeldLock[] {
    const locks: HeldLock[] = [];
    for (const { databaseId, name, holds, waiters } of this.resources.values()) {
      for (const { spid, mode, owner } of holds) {
        locks.push({ databaseId, resource: name, spid, mode, owner, granted: true });
      }
      for (const { spid, mode, owner } of waiters) {
        locks.push({ databaseId, resource: name, spid, mode, owner, granted: false });
      }
    }
    return locks;
  }

  private resource(databaseId: number, name: string): Resource {
    const key = resourceKey(databaseId, name);
    let resource = this.resources.get(key);
    if (resource === undefined) {
      resource = { databaseId, name, holds: [], waiters: [] };
      this.resources.set(key, resource);
    }
    return resource;
  }

  private tidy(resource: Resource): void {
    if (resource.holds.length > 0 || resource.waiters.length > 0) return;
    this.resources.delete(resourceKey(resource.databaseId, resource.name));
  }

  private grantIfPossible(
    resource: Resource,
    request: { spid: number; owner: LockOwner; mode: LockMode },
    othersWait: boolean,
  ): boolean {
    const own = resource.holds.find((hold) => hold.spid === request.spid && hold.owner === request.owner);
    const holdsAnything = resource.holds.some((hold) => hold.spid === request.spid);
    if (!isFree(resource, request.spid, request.mode)) return false;
    // Who holds the lock already may convert it past those who wait; newcomers queue up.
    if (othersWait && !holdsAnything) return false;
    if (own === undefined) {
      resource.holds.push({ spid: request.spid, owner: request.owner, mode: request.mode, count: 1 });
    } else {
      own.count += 1;
      if (strength.indexOf(request.mode) > strength.indexOf(own.mode)) own.mode = request.mode;
    }
    return true;
  }

  private serveWaiters(resource: Resource): void {
    for (const waiter of [...resource.waiters]) {
      const isFirst = resource.waiters[0] === waiter;
      if (this.grantIfPossible(resource, waiter, !isFirst)) {
        waiter.settle(1);
        return;
      }
      if (isFirst && !resource.holds.some((hold) => hold.spid === waiter.spid)) break;
    }
    this.tidy(resource);
  }

  /** True if those who stand in the way wait, directly or through others, for the requester. */
  private wouldDeadlock(spid: number, resource: Resource, mode: LockMode): boolean {
    const visited = new Set<number>();
    const pending = blockers(resource, spid, mode);
    while (pending.length > 0) {
      const blocker = pending.pop() as number;
      if (blocker === spid) return true;
      if (visited.has(blocker)) continue;
      visited.add(blocker);
      for (const other of this.resources.values()) {
        for (const waiter of other.waiters) {
          if (waiter.spid === blocker) pending.push(...blockers(other, blocker, waiter.mode));
        }
      }
    }
    return false;
  }
}

function blockers(resource: Resource, spid: number, mode: LockMode): number[] {
  return resource.holds
    .filter((hold) => hold.spid !== spid && !compatible[hold.mode].includes(mode))
    .map((hold) => hold.spid);
}

function isFree(resource: Resource, spid: number, mode: LockMode): boolean {
  return blockers(resource, spid, mode).length === 0;
}

function resourceKey(databaseId: number, name: string): string {
  return `${databaseId} ${name}`;
}
