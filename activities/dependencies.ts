import type { Configuration } from '../src/config.js';
import type { RunReference } from '../src/contract.js';
import type { StageLog } from '../src/migrate/stageContext.js';
import type { StateTables } from '../src/migrate/state/stateTables.js';
import type { RefreshPlan } from '../src/plan/refreshPlan.js';

/** A log that hands its fields on: pino's shape. */
export interface ActivityLog extends StageLog {
  child(fields: Readonly<Record<string, unknown>>): ActivityLog;
}

/** What activities need of the process they run in; given once, so that tests can give something else. */
export interface ActivityDependencies {
  readonly configuration: Configuration;
  readonly log: ActivityLog;
  readonly plans: PlanSource;
  /** Whether the namespace knows the refresh's search attributes; setting unknown ones would block the workflow. */
  searchAttributesKnown(): Promise<boolean>;
}

/** Plans by hash: megabytes at most, needed by every call; and where the state of their runs is. */
export interface PlanSource {
  load(run: RunReference): Promise<RefreshPlan>;
  state(run: RunReference): Promise<StateTables>;
}
