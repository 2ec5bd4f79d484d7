import type { DecisionRecord, FailureRecord, RunEnding, RunStatus, StageFailure, WorkState } from '../contract.js';
import type { Finding } from '../plan/refreshPlan.js';

/**
 * What a run did: written to the state schema when it closes, and fetched by `refresh report`; of a run that has not
 * closed it is made when it is asked for. Counts, names and keys; never row values.
 */
export interface RunReport {
  readonly format: 1;
  readonly workflowId: string;
  readonly run: string;
  readonly source: string;
  readonly destination: string;
  readonly planHash: string;
  /** Null: the run had not ended when the report was made. */
  readonly ending: RunEnding | null;
  readonly madeAt: string;
  readonly failure: StageFailure | null;
  /** Every failure, answered or not, oldest first. */
  readonly failures: readonly FailureRecord[];
  readonly status: RunStatus;
  readonly decisions: readonly DecisionRecord[];
  readonly findings: readonly Finding[];
  readonly entities: readonly EntityReport[];
  readonly rate: readonly RateSample[];
  readonly verification: readonly VerificationResult[];
  readonly quarantine: QuarantineReport;
  /** Stage results that are no entity's: users created, subscriptions restored and dropped, queue rows removed … */
  readonly facts: readonly ReportFact[];
  /** Null if users were only matched or the run ended before; absent in reports of earlier versions. */
  readonly roles?: RoleChangesReport | null;
  /** What a person still has to do. */
  readonly left: readonly string[];
}

/** Effective roles, direct ones and those of groups, after the users were mapped as against before. */
export interface RoleChangesReport {
  /** Users of the destination before the run mapped users; absent in reports of earlier versions. */
  readonly usersBefore?: number;
  /** Those of them that may do something else now. */
  readonly usersChanged: number;
  readonly usersCreated: number;
  /** By Espace.Role: users of before that gained or lost it, and users created with it. */
  readonly roles: readonly {
    readonly role: string;
    readonly gained: number;
    readonly lost: number;
    readonly ofCreated: number;
  }[];
  /** The first users concerned, by their id in the destination. */
  readonly shown: readonly {
    readonly user: number;
    readonly created: boolean;
    readonly gained: readonly string[];
    readonly lost: readonly string[];
  }[];
}

export interface EntityReport {
  readonly name: string;
  readonly keys: 'matched' | 'preserved' | 'reserved' | 'generated' | 'unavailable';
  readonly state: WorkState;
  /** Rows of the source when the plan was made. */
  readonly rowsPlanned: number;
  readonly rowsRead: number;
  readonly rowsWritten: number;
  readonly rowsMatched: number;
  /** Rows of processes that were read and belong to a tree that stays behind; absent in reports of earlier versions. */
  readonly rowsLeftBehind?: number;
  readonly rowsQuarantined: number;
  readonly referencesOrphaned: number;
  readonly referencesUnmapped: number;
  readonly referencesDeferred: number;
  readonly batches: number;
  /** From the first to the last commit. */
  readonly seconds: number;
}

/** Rows committed in a span of time, as the destination's clock stamped them. */
export interface RateSample {
  readonly at: string;
  readonly seconds: number;
  readonly rows: number;
}

export interface VerificationResult {
  readonly check: string;
  readonly result: 'passed' | 'notPassed' | 'notRun';
}

/** Rows set aside: their keys and why, never their values. */
export interface QuarantineReport {
  readonly total: number;
  /** The first of them. */
  readonly shown: readonly QuarantinedRow[];
}

export interface QuarantinedRow {
  readonly entity: string;
  readonly key: string;
  readonly attribute: string;
  readonly reason: string;
}

export interface ReportFact {
  readonly stage: string;
  readonly text: string;
  readonly count: number;
}
