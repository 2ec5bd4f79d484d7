import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type {
  ApproveMessage,
  ChildReport,
  ConfirmMessage,
  Decision,
  DecisionRecord,
  EntityDetails,
  ItemEntityProgress,
  PlanView,
  RejectMessage,
  RunStatus,
  TargetMessage,
  TuneMessage,
} from '../src/contract.js';

/** Every operator message exists twice: as an update, which answers, and as a signal, for callers that cannot wait. */
export const operatorUpdates = {
  pause: defineUpdate<DecisionRecord, [Decision]>('pause'),
  resume: defineUpdate<DecisionRecord, [Decision]>('resume'),
  approve: defineUpdate<DecisionRecord, [ApproveMessage]>('approve'),
  reject: defineUpdate<DecisionRecord, [RejectMessage]>('reject'),
  confirm: defineUpdate<DecisionRecord, [ConfirmMessage]>('confirm'),
  abort: defineUpdate<DecisionRecord, [Decision]>('abort'),
  retry: defineUpdate<DecisionRecord, [TargetMessage]>('retry'),
  skip: defineUpdate<DecisionRecord, [TargetMessage]>('skip'),
  tune: defineUpdate<DecisionRecord, [TuneMessage]>('tune'),
} as const;

export const operatorSignals = {
  pause: defineSignal<[Decision]>('pause'),
  resume: defineSignal<[Decision]>('resume'),
  approve: defineSignal<[ApproveMessage]>('approve'),
  reject: defineSignal<[RejectMessage]>('reject'),
  confirm: defineSignal<[ConfirmMessage]>('confirm'),
  abort: defineSignal<[Decision]>('abort'),
  retry: defineSignal<[TargetMessage]>('retry'),
  skip: defineSignal<[TargetMessage]>('skip'),
  tune: defineSignal<[TuneMessage]>('tune'),
} as const;

export const operatorMessageDescriptions = {
  pause: 'Stop starting work; what runs ends its current call (about ten seconds).',
  resume: 'Go on after a pause.',
  approve: 'Approve a stage that waits for it: { "stage": "...", "by": "...", "note": "..." }.',
  reject: 'Reject a stage: the run ends as rejected.',
  confirm: 'Confirm what was done by hand: { "step": "applicationsDisabled" | "applicationsEnabled", "by": "..." }.',
  abort: 'End the run; what it must undo is undone first.',
  retry: 'Try a parked stage or entity again: { "stage": "..." } or { "entity": "Espace.Entity" }.',
  skip: 'Leave a parked stage or entity out: { "stage": "..." } or { "entity": "Espace.Entity" }.',
  tune: 'Change how much runs at once: { "parallelEntities": 4, "parallelRanges": 4, "batchRows": 20000 }.',
} as const;

export const progressQuery = defineQuery<RunStatus>('progress');
export const entityProgressQuery = defineQuery<EntityDetails | null, [{ espace: string; entity: string }]>(
  'entityProgress',
);
export const planQuery = defineQuery<PlanView | null>('plan');

/** Between a refresh and its children. */
export const childReportSignal = defineSignal<[ChildReport]>('childReport');
export const childSteeringSignal = defineSignal<[ChildSteering]>('steer');
export const itemProgressQuery = defineQuery<readonly ItemEntityProgress[]>('itemProgress');

export interface ChildSteering {
  readonly paused: boolean;
  /** True: end after the current call. */
  readonly stop: boolean;
  readonly batchRows: number;
  readonly parallelRanges: number;
}
