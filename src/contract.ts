/**
 * The names that every part shares: stages, states, messages, failures, and what the workflow and its activities say
 * to each other. It imports nothing, so that workflows may import it; everything in it is plain JSON.
 */

// ---- stages and states ------------------------------------------------------------------------------------------

/** In the order they run. */
export const stageNames = [
  'preflight',
  'plan',
  'drainEventQueues',
  'disableApplications',
  'clearEventSubscriptions',
  'mapStaticRecords',
  'deleteDestinationData',
  'mapUsers',
  'migrateEntities',
  'migrateProcesses',
  'resolveDeferredReferences',
  'verify',
  'restoreEventSubscriptions',
  'enableApplications',
] as const;
export type StageName = (typeof stageNames)[number];

export const runStates = [
  'running',
  'paused',
  'waitingForApproval',
  'waitingForConfirmation',
  'parked',
  'compensating',
  'done',
  'doneWithSkips',
  'failed',
  'rejected',
  'aborted',
  'cancelled',
] as const;
export type RunState = (typeof runStates)[number];

export const finalRunStates: readonly RunState[] = [
  'done',
  'doneWithSkips',
  'failed',
  'rejected',
  'aborted',
  'cancelled',
];

/** Of a stage and of an entity. */
export type WorkState = 'pending' | 'waiting' | 'running' | 'parked' | 'done' | 'skipped' | 'failed';

/** What the operator confirms under `maintenance: { mode: confirm }`. */
export const confirmationSteps = ['applicationsDisabled', 'applicationsEnabled'] as const;
export type ConfirmationStep = (typeof confirmationSteps)[number];

// ---- the request, with its defaults filled in (request.ts checks it) ----------------------------------------------

export type UnmappedPolicy = 'fail' | 'setNull' | 'quarantine';

export interface EntityOptions {
  /** Whether destination rows of this entity are deleted first or kept; null: as `destinationData` says. */
  readonly data: 'deleteFirst' | 'keep' | null;
  /** Attributes that identify a row on both sides, for `data: keep`. */
  readonly match: readonly string[];
  readonly onMatch: 'update' | 'skip' | 'insert';
  /** Keys of destination rows that survive deleteFirst. */
  readonly keepRows: readonly string[];
  /** T-SQL condition on the source table that selects the rows to move. */
  readonly where: string | null;
  /** queue: load it although its event table cannot be emptied, so that its subscriptions queue events. */
  readonly events: 'refuse' | 'queue';
  readonly attributes: Readonly<
    Record<string, { readonly unmapped?: UnmappedPolicy | undefined; readonly orphans?: UnmappedPolicy | undefined }>
  >;
}

export interface RefreshRequest {
  readonly source: string;
  readonly destination: string;
  readonly scope: {
    readonly solutions: readonly string[];
    readonly applications: readonly string[];
    readonly espaces: readonly string[];
    readonly entities: readonly string[];
    readonly exclude: readonly string[];
  };
  readonly producers: 'include' | 'matchOnly' | 'refuse';
  readonly destinationData: 'deleteFirst' | 'keep';
  readonly keys: 'auto' | 'generate' | 'preserve';
  readonly tenants: 'map' | 'exclude' | 'fail';
  readonly users: {
    readonly mode: 'createMissing' | 'update' | 'recreate' | 'matchOnly';
    readonly scope: 'referenced' | 'all';
    readonly match: readonly string[];
    readonly passwords: 'blank' | 'keep' | 'fixed';
    readonly keep: readonly string[];
    readonly fallback: string | null;
    readonly map: string | null;
  };
  readonly processes: {
    readonly migrate: boolean;
    readonly statuses: 'all' | readonly string[];
    readonly inactiveDefinitions: boolean;
    readonly nextRun: 'hold' | 'shift' | 'keep';
  };
  readonly timers: 'leave' | 'shift';
  readonly drain: {
    /** Milliseconds that draining may go without fewer events left than ever before. */
    readonly stuckAfter: number;
  };
  readonly orphans: UnmappedPolicy;
  readonly unmapped: UnmappedPolicy;
  readonly entities: Readonly<Record<string, EntityOptions>>;
  readonly approvals: {
    readonly stages: readonly StageName[];
    /** Milliseconds. */
    readonly remindAfter: number;
    /** Milliseconds. */
    readonly expireAfter: number;
  };
  readonly batch: { readonly rows: number; readonly bytes: number };
  readonly parallelEntities: number;
  /** Key ranges of one large entity that move at the same time. */
  readonly parallelRanges: number;
  readonly limits: { readonly rowsPerSecond: number | null; readonly bytesPerSecond: number | null };
}

// ---- messages: signals and updates of the same names ---------------------------------------------------------------

export interface Decision {
  readonly by: string;
  readonly note?: string;
}
export interface ApproveMessage extends Decision {
  readonly stage: StageName;
  /** The plan that was looked at; an approval for another plan is refused. */
  readonly planHash?: string;
  /** The warnings that were looked at, whatever the plan counts; an approval of other warnings is refused. */
  readonly warningsHash?: string;
}
export interface RejectMessage extends Decision {
  readonly stage: StageName;
}
export interface ConfirmMessage extends Decision {
  readonly step: ConfirmationStep;
}
/** Names one parked thing: a stage, or an entity as Espace.Entity. */
export interface TargetMessage extends Decision {
  readonly stage?: StageName;
  readonly entity?: string;
}
export interface TuneMessage extends Decision {
  readonly parallelEntities?: number;
  readonly parallelRanges?: number;
  readonly batchRows?: number;
}

export type OperatorMessage =
  | { readonly kind: 'pause'; readonly payload: Decision }
  | { readonly kind: 'resume'; readonly payload: Decision }
  | { readonly kind: 'approve'; readonly payload: ApproveMessage }
  | { readonly kind: 'reject'; readonly payload: RejectMessage }
  | { readonly kind: 'confirm'; readonly payload: ConfirmMessage }
  | { readonly kind: 'abort'; readonly payload: Decision }
  | { readonly kind: 'retry'; readonly payload: TargetMessage }
  | { readonly kind: 'skip'; readonly payload: TargetMessage }
  | { readonly kind: 'tune'; readonly payload: TuneMessage };
export type OperatorMessageKind = OperatorMessage['kind'];

/** One line of the run's record of decisions. */
export interface DecisionRecord {
  readonly at: string;
  readonly kind: OperatorMessageKind | 'expire';
  readonly by: string;
  readonly note: string | null;
  /** The stage, step or entity that it concerns. */
  readonly target: string | null;
  readonly effect: 'applied' | 'kept' | 'ignored';
}

// ---- progress (query `progress`, and `status --json`) ----------------------------------------------------------------

export interface StageProgress {
  readonly name: StageName;
  readonly state: WorkState;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

export interface EntityProgress {
  readonly espace: string;
  readonly entity: string;
  readonly state: WorkState;
  /** Rows to move as counted by the plan; the source may change meanwhile. */
  readonly rowsTotal: number;
  readonly rowsDone: number;
  readonly rowsQuarantined: number;
  readonly batches: number;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

export interface WaitingFor {
  readonly kind: 'resume' | 'approval' | 'confirmation' | 'retry' | 'drain' | 'maintenance';
  readonly stage?: StageName;
  readonly entity?: string;
  readonly step?: ConfirmationStep;
  readonly since: string;
  readonly by?: string;
  readonly text: string;
}

export interface RunStatus {
  /** Workflow id. */
  readonly id: string;
  /** First execution run id: the id of the row in the state schema. */
  readonly run: string;
  readonly state: RunState;
  readonly stage: StageName | null;
  readonly waitingFor: WaitingFor | null;
  readonly stages: readonly StageProgress[];
  readonly entities: readonly EntityProgress[];
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly asOf: string;
}

/** Query `entityProgress`: one entity with what the run knows beyond the list. */
export interface EntityDetails extends EntityProgress {
  readonly lastError: StageFailure | null;
  readonly item: string | null;
  /** On average since it started; null before its first rows. */
  readonly rowsPerSecond: number | null;
  /** At that rate, for the rows that the plan counted; null where there is no rate or nothing left to do. */
  readonly secondsLeft: number | null;
}

/** Query `plan`: what an approver looks at, and what was decided and went wrong so far. */
export interface PlanView extends PlanSummary {
  readonly decisions: readonly DecisionRecord[];
  readonly failures: readonly FailureRecord[];
}

// ---- failures ------------------------------------------------------------------------------------------------------

/** How a run's workflow ends when it does not complete. */
export const runFailureTypes = ['RefreshFailed', 'Rejected', 'Aborted', 'BadInput'] as const;
export type RunFailureType = (typeof runFailureTypes)[number];

/**
 * Failure types of activities that a retry cannot mend; every other failure is retried without end and shown.
 * BadInput: what the operator gave is wrong. RunClosed: another owner has the destination. PlanDrift: a metamodel
 * changed since the plan. Refused: data or schema refuse the work; parks the stage or entity.
 */
export const nonRetryableFailureTypes = ['BadInput', 'RunClosed', 'PlanDrift', 'Refused', 'AccessDenied'] as const;
export type ActivityFailureType = (typeof nonRetryableFailureTypes)[number] | 'Infrastructure';

/** What a failure says to the operator. Never a row value, never SQL Server's own text (it quotes values). */
export interface StageFailure {
  /** Catalogue code (docs/errors.md). */
  readonly code: string;
  readonly message: string;
  readonly sqlNumber: number | null;
  /** Espace.Entity, table or other object concerned. */
  readonly subject: string | null;
  readonly remedy: string;
}

/** One line of the run's record of failures: a stage or an entity parked, or the run ended. */
export interface FailureRecord {
  readonly at: string;
  /** A stage, or Espace.Entity. */
  readonly target: string;
  readonly failure: StageFailure;
  /** How the operator answered; null: not yet, or not at all. */
  readonly answer: 'retry' | 'skip' | null;
}

/**
 * One line of a run's journal: a decision, a failure, or how the latest failure of a target was answered. Lines are
 * numbered from 0 in the order in which they came to be.
 */
export type JournalLine = { readonly number: number } & (
  | { readonly decision: DecisionRecord }
  | { readonly failure: FailureRecord }
  | { readonly answer: { readonly target: string; readonly answer: 'retry' | 'skip' } }
);

// ---- what the workflow and its activities say to each other -------------------------------------------------------------

/** Names the run in every activity; the epoch fences writers of a closed or superseded run. */
export interface RunReference {
  /** First execution run id of the workflow. */
  readonly run: string;
  readonly workflowId: string;
  readonly source: string;
  readonly destination: string;
  readonly planHash: string;
  readonly epoch: number;
}

export interface PreflightResult {
  readonly request: RefreshRequest;
  /** True if the namespace knows RefreshStage, RefreshState and RefreshDestination. */
  readonly searchAttributes: boolean;
  readonly maintenance: 'confirm' | 'command' | 'http';
}

export interface PlanInput {
  readonly run: string;
  readonly workflowId: string;
  readonly request: RefreshRequest;
}

/** An entity, a key range of a large one, or a group of small ones: one child workflow. */
export interface WorkItem {
  readonly id: number;
  /** Espace.Entity, with the range or group where there is one; ends the child workflow's id. */
  readonly name: string;
  readonly stage: 'migrateEntities' | 'migrateProcesses';
  /** Indexes into PlanSummary.entities. */
  readonly entities: readonly number[];
  /** Ids of the items that must be done first. */
  readonly dependsOn: readonly number[];
}

/** Counts and a compact graph; the plan itself stays in the state schema. */
export interface PlanSummary {
  readonly planHash: string;
  readonly epoch: number;
  /** Binds an approval to the warnings that were shown; empty without warnings. */
  readonly warningsHash: string;
  readonly warnings: number;
  readonly applications: readonly string[];
  readonly entities: readonly { readonly espace: string; readonly entity: string; readonly rows: number }[];
  readonly items: readonly WorkItem[];
  readonly users: number;
  readonly processes: number;
  readonly deletions: number;
  readonly eventTables: number;
}

/** One activity call works about ten seconds and says whether anything is left. */
export interface SliceResult {
  readonly done: boolean;
  /** Rows or things handled in this call. */
  readonly handled: number;
  /** Why nothing moves, for the operator: "draining: 12 events left". */
  readonly waiting: string | null;
  /** How much it waits for, where that can be counted: what must shrink for the wait to be of use. */
  readonly left?: number;
  /** Problems that stop the stage until the operator decides. */
  readonly problems: readonly StageFailure[];
}

export interface MigrateBatchesInput {
  readonly run: RunReference;
  readonly item: number;
  readonly batchRows: number;
  readonly batchBytes: number;
  /** Key ranges of the item's entity that move at the same time. */
  readonly parallelRanges: number;
}

export interface ItemEntityProgress {
  /** Index into PlanSummary.entities. */
  readonly entity: number;
  readonly rowsDone: number;
  readonly rowsQuarantined: number;
  readonly batches: number;
  readonly done: boolean;
}

export interface MigrateBatchesResult {
  readonly done: boolean;
  readonly entities: readonly ItemEntityProgress[];
}

/** Input of the child workflow `migrateEntity`. */
export interface MigrateEntityInput {
  readonly run: RunReference;
  readonly item: WorkItem;
  readonly batchRows: number;
  readonly batchBytes: number;
  readonly parallelRanges: number;
  readonly paused: boolean;
  /** How many progress reports this child may send to its parent. */
  readonly reports: number;
  /** Carried through continue-as-new: calls so far, reports sent, and after which call the next one is due. */
  readonly reported?: { readonly calls: number; readonly sent: number; readonly next: number };
}

export type MigrateEntityResult =
  | { readonly failed: false; readonly entities: readonly ItemEntityProgress[] }
  | { readonly failed: true; readonly entities: readonly ItemEntityProgress[]; readonly failure: StageFailure };

export interface ChildReport {
  readonly item: number;
  readonly entities: readonly ItemEntityProgress[];
}

export interface EnableResult {
  readonly enabled: boolean;
  readonly waiting: string | null;
}

/** How a run ends in the state schema. */
export type RunEnding = 'done' | 'doneWithSkips' | 'failed' | 'rejected' | 'aborted' | 'cancelled';

export interface CloseRunInput {
  readonly run: RunReference;
  readonly ending: RunEnding;
  readonly status: RunStatus;
  readonly decisions: readonly DecisionRecord[];
  readonly failure: StageFailure | null;
  readonly failures: readonly FailureRecord[];
  /** What a person still has to do. */
  readonly left: readonly string[];
}

export interface CompensationResult {
  /** True if nothing had been written to application data, so everything is as before. */
  readonly undone: boolean;
  /** What is left for the operator. */
  readonly left: readonly string[];
}

export interface JournalInput {
  readonly run: RunReference;
  /** First execution run id of the workflow whose journal it is: the run's own, or that of a `recover`. */
  readonly writer: string;
  readonly lines: readonly JournalLine[];
}

/** What `recover` needs of a run that did not end, or ended with its applications disabled. */
export interface TakenOverRun {
  readonly reference: RunReference;
  readonly applications: readonly string[];
  readonly maintenance: 'confirm' | 'command' | 'http';
  readonly request: RefreshRequest;
}

/** First argument of the workflow `recover`. */
export interface RecoverInput {
  readonly destination: string;
}

/** Activities by name. Each may run twice, overlap itself, or die at any line. */
export interface RefreshActivities {
  preflight(input: {
    readonly request: unknown;
    readonly workflowId: string;
    readonly run: string;
  }): Promise<PreflightResult>;
  plan(input: PlanInput): Promise<PlanSummary>;
  drainEventQueues(input: { readonly run: RunReference; readonly discard: boolean }): Promise<SliceResult>;
  disableApplications(input: { readonly run: RunReference; readonly confirmed: boolean }): Promise<SliceResult>;
  clearEventSubscriptions(input: { readonly run: RunReference }): Promise<SliceResult>;
  mapStaticRecords(input: { readonly run: RunReference }): Promise<SliceResult>;
  deleteDestinationData(input: { readonly run: RunReference; readonly batchRows: number }): Promise<SliceResult>;
  mapUsers(input: { readonly run: RunReference }): Promise<SliceResult>;
  migrateBatches(input: MigrateBatchesInput): Promise<MigrateBatchesResult>;
  /** Removes a parked item's rows, map and ledger; answers what it removed. */
  skipItem(input: { readonly run: RunReference; readonly item: number }): Promise<SliceResult>;
  resolveDeferredReferences(input: { readonly run: RunReference }): Promise<SliceResult>;
  verify(input: { readonly run: RunReference }): Promise<SliceResult>;
  restoreEventSubscriptions(input: { readonly run: RunReference }): Promise<SliceResult>;
  /** Removes queue rows that the load caused and proves them gone; `confirmed` answers mode confirm. */
  enableApplications(input: { readonly run: RunReference; readonly confirmed: boolean }): Promise<SliceResult>;
  /** Puts the destination's process-start subscriptions back, never source rows; before the first write undoes all. */
  compensate(input: { readonly run: RunReference }): Promise<CompensationResult>;
  closeRun(input: CloseRunInput): Promise<void>;
  /** Keeps lines of the journal in the state schema, so that a report has them although the workflow is lost. */
  writeJournal(input: JournalInput): Promise<void>;
  /** Finds the run that `recover` ends: open, or ended with its applications still disabled. Raises the epoch. */
  takeOver(input: { readonly destination: string; readonly workflowId: string }): Promise<TakenOverRun | null>;
}

export const taskQueueDefault = 'refresh';
export const refreshWorkflowType = 'refresh';
export const migrateEntityWorkflowType = 'migrateEntity';
export const recoverWorkflowType = 'recover';
export const searchAttributeNames = ['RefreshStage', 'RefreshState', 'RefreshDestination'] as const;

/** Default workflow id: one refresh a destination at a time. */
export function workflowIdFor(destination: string): string {
  return `refresh-${destination}`;
}
