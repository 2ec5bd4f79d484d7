import type { RunReference } from '../contract.js';
import type { RefreshPlan } from '../plan/refreshPlan.js';
import type { DestinationSession, SourceSession } from '../sqlserver/session.js';
import type { Maintenance } from './maintenance.js';
import type { StateTables } from './state/stateTables.js';

/** Everything a stage works with. A stage may run twice, overlap itself, or die at any line. */
export interface StageContext {
  readonly run: RunReference;
  readonly plan: RefreshPlan;
  readonly state: StateTables;
  /** A new dedicated connection each call; who asks closes it. */
  source(): Promise<SourceSession>;
  destination(): Promise<DestinationSession>;
  readonly maintenance: Maintenance;
  /** True when the slice is over: finish what is in hand and answer `done: false`. */
  deadline(): boolean;
  heartbeat(details: SliceHeartbeat): void;
  /** Told of each batch of rows after its commit; absent where nobody counts. */
  readonly batchCommitted?: (batch: CommittedBatch) => void;
  readonly signal: AbortSignal;
  readonly log: StageLog;
}

/** A batch of rows that is in the destination for good. */
export interface CommittedBatch {
  readonly stage: string;
  /** Espace.Entity. */
  readonly entity: string;
  readonly rowsWritten: number;
  /** Waiting for its page included. Milliseconds. */
  readonly duration: number;
}

/** Counts and names only: heartbeats are stored by Temporal. */
export interface SliceHeartbeat {
  readonly stage: string;
  readonly subject?: string;
  readonly batch?: number;
  readonly rows?: number;
  readonly waiting?: string;
}

/** Names and counts only, never row values. */
export interface StageLog {
  info(details: Readonly<Record<string, unknown>>, message: string): void;
  warn(details: Readonly<Record<string, unknown>>, message: string): void;
}

/** Opens a session for the work and closes it whatever happens; an error inside is classified on its way out. */
export async function withDestination<T>(
  context: Pick<StageContext, 'destination'>,
  work: (session: DestinationSession) => Promise<T>,
): Promise<T> {
  const session = await context.destination();
  try {
    return await work(session);
  } finally {
    session.close();
  }
}

export async function withSource<T>(
  context: Pick<StageContext, 'source'>,
  work: (session: SourceSession) => Promise<T>,
): Promise<T> {
  const session = await context.source();
  try {
    return await work(session);
  } finally {
    session.close();
  }
}
