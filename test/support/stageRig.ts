import { randomUUID } from 'node:crypto';
import { environmentNamed } from '../../src/config.js';
import type { MigrateBatchesResult, RefreshRequest, RunReference, SliceResult } from '../../src/contract.js';
import { clearEventSubscriptions } from '../../src/migrate/clearEventSubscriptions/clearEventSubscriptions.js';
import { deleteDestinationData } from '../../src/migrate/deleteDestinationData/deleteDestinationData.js';
import { mapStaticRecords } from '../../src/migrate/mapStaticRecords/mapStaticRecords.js';
import { mapUsers } from '../../src/migrate/mapUsers/mapUsers.js';
import { migrateBatches } from '../../src/migrate/migrateEntities/migrateBatches.js';
import { resolveDeferredReferences } from '../../src/migrate/resolveDeferredReferences/resolveDeferredReferences.js';
import { restoreEventSubscriptions } from '../../src/migrate/restoreEventSubscriptions/restoreEventSubscriptions.js';
import { sourceDatabases } from '../../src/migrate/sourceDatabases.js';
import type { StageContext } from '../../src/migrate/stageContext.js';
import { createState } from '../../src/migrate/state/createState.js';
import { storePlan } from '../../src/migrate/state/planStore.js';
import { closeRunRow, openRun } from '../../src/migrate/state/run.js';
import { findStateTables, type StateTables } from '../../src/migrate/state/stateTables.js';
import { verify } from '../../src/migrate/verify/verify.js';
import { planRefresh } from '../../src/plan/planRefresh.js';
import type { RefreshPlan } from '../../src/plan/refreshPlan.js';
import { parseRequest } from '../../src/request.js';
import { DestinationSession, SourceSession } from '../../src/sqlserver/session.js';
import type { PreparedEnvironments } from './preparedEnvironments.js';

/** Runs the stages of a refresh one after the other, with neither Temporal nor applications in the way. */
export class StageRig {
  private constructor(readonly context: StageContext) {}

  /** Plans and opens a run, as the stages preflight and plan do. */
  static async open(environments: PreparedEnvironments, given: Record<string, unknown>): Promise<StageRig> {
    const request = parseRequest({ source: 'production', destination: 'qa', ...given });
    const { plan } = await planRefresh(environments.configuration, request);
    return StageRig.openPlanned(environments, plan, request);
  }

  static async openPlanned(
    environments: PreparedEnvironments,
    plan: RefreshPlan,
    request: RefreshRequest,
  ): Promise<StageRig> {
    const from = environmentNamed(environments.configuration, request.source);
    const to = environmentNamed(environments.configuration, request.destination);
    const session = await DestinationSession.open(to);
    let run: RunReference;
    let state: StateTables;
    try {
      state = await findStateTables(session, to.state);
      await createState(session, state);
      const planHash = await storePlan(session, state, plan);
      const id = randomUUID();
      run = await openRun(session, state, {
        run: id,
        workflowId: `refresh-${id}`,
        source: 'production',
        destination: 'qa',
        request,
        planHash,
      });
    } finally {
      session.close();
    }
    return new StageRig({
      run,
      plan,
      state,
      source: () => SourceSession.open(from, { databases: sourceDatabases(plan) }),
      destination: () => DestinationSession.open(to),
      maintenance: { mode: 'confirm', apply: () => Promise.resolve() },
      deadline: () => false,
      heartbeat: () => undefined,
      signal: new AbortController().signal,
      log: { info: () => undefined, warn: () => undefined },
    });
  }

  /** The same run, with parts of its context replaced. */
  with(parts: Partial<StageContext>): StageRig {
    return new StageRig({ ...this.context, ...parts });
  }

  async upToItems(): Promise<void> {
    await complete(() => clearEventSubscriptions(this.context));
    await complete(() => mapStaticRecords(this.context));
    await complete(() => deleteDestinationData(this.context, 5_000));
    await complete(() => mapUsers(this.context));
  }

  /** One item to its end. */
  async item(id: number, batchRows = 20_000): Promise<MigrateBatchesResult> {
    for (;;) {
      const result = await migrateBatches(this.context, id, { rows: batchRows, bytes: 16_000_000, ranges: 4 });
      if (result.done) return result;
    }
  }

  async items(batchRows = 20_000): Promise<void> {
    for (const item of this.context.plan.items) await this.item(item.id, batchRows);
  }

  async fromItemsOn(): Promise<void> {
    await complete(() => resolveDeferredReferences(this.context));
    await complete(() => verify(this.context));
    await complete(() => restoreEventSubscriptions(this.context));
  }

  async all(batchRows = 20_000): Promise<void> {
    await this.upToItems();
    await this.items(batchRows);
    await this.fromItemsOn();
  }

  async close(): Promise<void> {
    const session = await this.context.destination();
    try {
      await closeRunRow(session, this.context.state, this.context.run.run, 'done');
    } finally {
      session.close();
    }
  }

  async inDestination<T>(work: (session: DestinationSession) => Promise<T>): Promise<T> {
    const session = await this.context.destination();
    try {
      return await work(session);
    } finally {
      session.close();
    }
  }
}

/** Calls a stage until it is done; its problems fail the test. */
export async function complete(stage: () => Promise<SliceResult>): Promise<number> {
  let handled = 0;
  for (;;) {
    const result = await stage();
    handled += result.handled;
    if (result.problems.length > 0) throw new Error(result.problems.map(({ message }) => message).join('; '));
    if (result.done) return handled;
  }
}
