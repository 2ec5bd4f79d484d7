import type { DecisionRecord, RunEnding, RunStatus, StageFailure } from '../contract.js';
import type { Finding } from '../plan/refreshPlan.js';

/**
 * What a run did: written to the state schema when it closes, and fetched by `refresh report`. Counts, names and keys;
 * never row values.
 */
export interface RunReport {
  readonly format: 1;
  readonly workflowId: string;
  readonly run: string;
  readonly source: string;
  readonly destination: string;
  readonly planHash: string;
  readonly ending: RunEnding;
  readonly failure: StageFailure | null;
  readonly status: RunStatus;
  readonly decisions: readonly DecisionRecord[];
  readonly findings: readonly Finding[];
  readonly entities: readonly EntityReport[];
  /** Stage results that are no entity's: users created, subscriptions restored and dropped, queue rows removed … */
  readonly facts: readonly ReportFact[];
  /** What a person still has to do. */
  readonly left: readonly string[];
}

export interface EntityReport {
  readonly name: string;
  readonly keys: 'matched' | 'preserved' | 'reserved' | 'generated' | 'unavailable';
  readonly rowsRead: number;
  readonly rowsWritten: number;
  readonly rowsMatched: number;
  readonly rowsQuarantined: number;
  readonly referencesOrphaned: number;
  readonly referencesUnmapped: number;
  readonly referencesDeferred: number;
  readonly batches: number;
}

export interface ReportFact {
  readonly stage: string;
  readonly text: string;
  readonly count: number;
}
