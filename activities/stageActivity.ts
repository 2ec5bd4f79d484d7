import { setMaxListeners } from 'node:events';
import { Context } from '@temporalio/activity';
import type { RunReference } from '../src/contract.js';
import { environmentNamed } from '../src/config.js';
import { maintenanceOf } from '../src/migrate/maintenance.js';
import { sourceDatabases } from '../src/migrate/sourceDatabases.js';
import type { StageContext } from '../src/migrate/stageContext.js';
import type { RefreshPlan } from '../src/plan/refreshPlan.js';
import { DestinationSession, SourceSession } from '../src/sqlserver/session.js';
import { batchMetrics } from './batchMetrics.js';
import type { ActivityDependencies } from './dependencies.js';

/**
 * Long enough to outweigh connecting and reporting, short enough that a pause takes effect within about 10 s, with the
 * pages written that are on their way by then. Milliseconds.
 */
const sliceLength = 8_000;
/** A fraction of the heartbeat time-out, which tells a dead worker. Milliseconds. */
const beatInterval = 10_000;

/**
 * Makes an activity of a stage: gives it the plan, its connections and a time limit, and tells Temporal that it lives.
 * The beat is a timer, since one statement may take minutes; every statement is bounded by its session's time-out, so
 * a beat never outlives a stuck one.
 */
export function stageActivity<Input extends { readonly run: RunReference }, Result>(
  dependencies: ActivityDependencies,
  work: (context: StageContext, input: Input) => Promise<Result>,
): (input: Input) => Promise<Result> {
  return async (input) => {
    const { run } = input;
    const plan = await dependencies.plans.load(run);
    const state = await dependencies.plans.state(run);
    return inSlice(async ({ signal, deadline, heartbeat }) =>
      work(stageContext(dependencies, { run, plan, state, signal, deadline, heartbeat }), input),
    );
  };
}

interface Slice {
  readonly signal: AbortSignal;
  deadline(): boolean;
  heartbeat(details: unknown): void;
}

/** Runs work with a heartbeat; ends it softly on a cancel, hard only when this worker must stop or is not asked any more. */
export async function inSlice<T>(work: (slice: Slice) => Promise<T>): Promise<T> {
  const context = Context.current();
  const started = Date.now();
  let details: unknown;
  const stop = new AbortController();
  // Each session of the slice listens; Node warns of a leak at the eleventh.
  setMaxListeners(0, stop.signal);
  let cancelled = false;
  const onCancel = () => {
    cancelled = true;
    // An operator's cancel waits for the batch in hand; its transaction commits.
    if (String(context.cancellationSignal.reason?.message) !== 'CANCELLED') stop.abort();
  };
  context.cancellationSignal.addEventListener('abort', onCancel);
  const beat = setInterval(() => context.heartbeat(details), beatInterval);
  try {
    return await work({
      signal: stop.signal,
      deadline: () => cancelled || Date.now() - started > sliceLength,
      heartbeat: (next) => {
        details = next;
        context.heartbeat(next);
      },
    });
  } finally {
    clearInterval(beat);
    context.cancellationSignal.removeEventListener('abort', onCancel);
  }
}

/** What a stage works with, from the configuration and the slice it runs in. */
export function stageContext(
  dependencies: ActivityDependencies,
  parts: Slice & { run: RunReference; plan: RefreshPlan; state: StageContext['state'] },
): StageContext {
  const { configuration, log } = dependencies;
  const { run, signal } = parts;
  const source = environmentNamed(configuration, run.source);
  const destination = environmentNamed(configuration, run.destination);
  return {
    ...parts,
    source: () => SourceSession.open(source, { signal, databases: sourceDatabases(parts.plan) }),
    destination: () => DestinationSession.open(destination, { signal }),
    maintenance: maintenanceOf(destination.maintenance, run.destination),
    log: log.child({ run: run.run, destination: run.destination }),
    batchCommitted: batchMetrics(Context.current().metricMeter, run.destination),
  };
}
