import { ApplicationFailure } from '@temporalio/common';
import type {
  CloseRunInput,
  JournalLine,
  MigrateBatchesInput,
  PlanSummary,
  PreflightResult,
  RefreshActivities,
  RefreshRequest,
  SliceResult,
  StageFailure,
  StageName,
  WorkItem,
} from '../../src/contract.js';
import { parseRequest } from '../../src/request.js';

export const done: SliceResult = { done: true, handled: 0, waiting: null, problems: [] };

export function refused(failure: Partial<StageFailure> = {}): ApplicationFailure {
  const detail: StageFailure = { code: 'X', message: 'refused', sqlNumber: 547, subject: null, remedy: '', ...failure };
  return ApplicationFailure.create({ type: 'Refused', nonRetryable: true, message: detail.message, details: [detail] });
}

/** A refresh of three entities whose activities do nothing but write down that they were called. */
export class PretendActivities {
  readonly calls: string[] = [];
  /** What the run was closed with. */
  closed: CloseRunInput | null = null;
  /** What the run wrote down on its way. */
  readonly journal: JournalLine[] = [];
  request: RefreshRequest = parseRequest({
    source: 'production',
    destination: 'qa',
    approvals: { stages: [] },
    scope: { applications: ['A'] },
  });
  items: WorkItem[] = [
    { id: 0, name: 'A.One', stage: 'migrateEntities', entities: [0], dependsOn: [] },
    { id: 1, name: 'A.Two', stage: 'migrateEntities', entities: [1], dependsOn: [0] },
    { id: 2, name: 'A.Three', stage: 'migrateProcesses', entities: [2], dependsOn: [1] },
  ];
  /** What a stage or item does instead of succeeding at once. */
  readonly instead = new Map<StageName | string, (input: unknown) => Promise<SliceResult>>();

  /** Changes the request, in an operator's words. */
  ask(changes: object): void {
    this.request = parseRequest({ ...this.request, ...changes });
  }

  all(): RefreshActivities {
    const slice =
      (name: StageName) =>
      async (input: unknown): Promise<SliceResult> => {
        this.calls.push(name);
        return (await this.instead.get(name)?.(input)) ?? done;
      };
    return {
      preflight: async (): Promise<PreflightResult> => {
        this.calls.push('preflight');
        await this.instead.get('preflight')?.(undefined);
        return { request: this.request, searchAttributes: false, maintenance: 'command' };
      },
      plan: async (): Promise<PlanSummary> => {
        this.calls.push('plan');
        await this.instead.get('plan')?.(undefined);
        return {
          ...{ planHash: 'hash', epoch: 1, warningsHash: '', warnings: 0, applications: ['A'], items: this.items },
          ...{ users: 0, processes: 0, deletions: 0, eventTables: 0 },
          entities: this.items.map((item) => ({ espace: 'A', entity: item.name.slice(2), rows: 10 })),
        };
      },
      drainEventQueues: slice('drainEventQueues'),
      disableApplications: slice('disableApplications'),
      clearEventSubscriptions: slice('clearEventSubscriptions'),
      mapStaticRecords: slice('mapStaticRecords'),
      deleteDestinationData: slice('deleteDestinationData'),
      mapUsers: slice('mapUsers'),
      migrateBatches: async (input: MigrateBatchesInput) => {
        const { name, entities } = this.items[input.item]!;
        this.calls.push(name);
        const result = (await this.instead.get(name)?.(input)) ?? done;
        const progress = { rowsDone: result.done ? 10 : 5, rowsQuarantined: 0, batches: 1, done: result.done };
        return { done: result.done, entities: entities.map((entity) => ({ entity, ...progress })) };
      },
      skipItem: async ({ item }) => {
        this.calls.push(`skip ${this.items[item]!.name}`);
        return done;
      },
      resolveDeferredReferences: slice('resolveDeferredReferences'),
      verify: slice('verify'),
      restoreEventSubscriptions: slice('restoreEventSubscriptions'),
      enableApplications: slice('enableApplications'),
      compensate: async () => {
        this.calls.push('compensate');
        return { undone: false, left: [] };
      },
      closeRun: async (input) => {
        this.calls.push(`close ${input.ending}`);
        this.closed = input;
      },
      writeJournal: async ({ lines }) => {
        this.journal.push(...lines);
      },
      takeOver: async () => null,
    };
  }
}
