import type { NodeKind } from './refreshPlan.js';

/** Platform tables whose identifiers a refresh can translate; every other platform table is unavailable. */
export const platformKinds: ReadonlyMap<string, NodeKind> = new Map<string, NodeKind>([
  ['OSSYS_TENANT', 'tenant'],
  ['OSSYS_USER', 'user'],
  ['OSSYS_GROUP', 'group'],
  ['OSSYS_ROLE', 'role'],
  ['OSSYS_ESPACE', 'espace'],
  ['OSSYS_BPM_PROCESS_DEFINITION', 'processDefinition'],
  ['OSSYS_BPM_PROCESS_INPUT_DEF', 'processInputDefinition'],
  ['OSSYS_BPM_PROCESS_OUTPUT_DEF', 'processOutputDefinition'],
  ['OSSYS_BPM_ACTIVITY_DEFINITION', 'activityDefinition'],
  ['OSSYS_BPM_ACTIVITY_OUTPUT_DEF', 'activityOutputDefinition'],
  ['OSSYS_BPM_PROCESS_STATUS', 'processStatus'],
  ['OSSYS_BPM_ACTIVITY_STATUS', 'activityStatus'],
  ['OSSYS_BPM_PROCESS', 'process'],
  ['OSSYS_BPM_PROCESS_INPUT', 'processInput'],
  ['OSSYS_BPM_PROCESS_OUTPUT', 'processOutput'],
  ['OSSYS_BPM_ACTIVITY', 'activity'],
  ['OSSYS_BPM_ACTIVITY_OUTPUT', 'activityOutput'],
]);

export const platformTableOf: ReadonlyMap<NodeKind, string> = new Map(
  [...platformKinds].map(([table, kind]) => [kind, table]),
);

/** Kinds whose instances move with the processes. */
export const processKinds = [
  'process',
  'activity',
  'processInput',
  'processOutput',
  'activityOutput',
] as const satisfies readonly NodeKind[];
export type ProcessKind = (typeof processKinds)[number];

export interface ProcessTable {
  readonly kind: ProcessKind;
  readonly table: string;
  readonly processPath: 'own' | 'PROCESS_ID' | 'ACTIVITY_ID';
  readonly references: Readonly<Record<string, ProcessReference>>;
  /** Column of an identifier-or-other value and the column that says which. */
  readonly value?: { readonly column: string; readonly typeColumn: string };
  /** Run state of the production's servers, which means nothing elsewhere (trap 70). */
  readonly constants: Readonly<Record<string, 'null' | 'nullDate' | 'zero' | 'empty'>>;
}

export interface ProcessReference {
  readonly kind: NodeKind;
  /** always: set when all rows exist, for it leads back into the process tables; never: the row is nothing without it. */
  readonly deferred: 'always' | 'never';
}

const now = (kind: NodeKind): ProcessReference => ({ kind, deferred: 'never' });
const later = (kind: NodeKind): ProcessReference => ({ kind, deferred: 'always' });

/**
 * What the columns of the process tables refer to (guide, BPT; facts section 3). The metamodel has only a part of it;
 * other columns are carried as sys.columns has them on both sides.
 */
export const processTables: readonly ProcessTable[] = [
  {
    kind: 'process',
    table: 'OSSYS_BPM_PROCESS',
    processPath: 'own',
    references: {
      TENANT_ID: now('tenant'),
      CREATED_BY: now('user'),
      PROCESS_DEF_ID: now('processDefinition'),
      PARENT_PROCESS_ID: later('process'),
      PARENT_ACTIVITY_ID: later('activity'),
      TOP_PROCESS_ID: later('process'),
      STATUS_ID: now('processStatus'),
      LAST_MODIFIED_BY: now('user'),
      SUSPENDED_BY: now('user'),
    },
    constants: {},
  },
  {
    kind: 'activity',
    table: 'OSSYS_BPM_ACTIVITY',
    processPath: 'PROCESS_ID',
    references: {
      TENANT_ID: now('tenant'),
      ACTIVITY_DEF_ID: now('activityDefinition'),
      PROCESS_ID: now('process'),
      USER_ID: now('user'),
      GROUP_ID: now('group'),
      STATUS_ID: now('activityStatus'),
      PRECEDENT_ACTIVITY_ID: later('activity'),
      LAST_MODIFIED_BY: now('user'),
    },
    constants: { IS_RUNNING_SINCE: 'nullDate', IS_RUNNING_AT: 'empty', LAST_ERROR_ID: 'empty', ERROR_COUNT: 'zero' },
  },
  {
    kind: 'processInput',
    table: 'OSSYS_BPM_PROCESS_INPUT',
    processPath: 'PROCESS_ID',
    references: { TENANT_ID: now('tenant'), PROCESS_ID: now('process'), INPUT_DEF_ID: now('processInputDefinition') },
    value: { column: 'INPUT_VALUE', typeColumn: 'SS_TYPE' },
    constants: {},
  },
  {
    kind: 'processOutput',
    table: 'OSSYS_BPM_PROCESS_OUTPUT',
    processPath: 'PROCESS_ID',
    references: { TENANT_ID: now('tenant'), PROCESS_ID: now('process'), OUTPUT_DEF_ID: now('processOutputDefinition') },
    value: { column: 'OUTPUT_VALUE', typeColumn: 'SS_TYPE' },
    constants: {},
  },
  {
    kind: 'activityOutput',
    table: 'OSSYS_BPM_ACTIVITY_OUTPUT',
    processPath: 'ACTIVITY_ID',
    references: {
      TENANT_ID: now('tenant'),
      ACTIVITY_ID: now('activity'),
      OUTPUT_DEF_ID: now('activityOutputDefinition'),
    },
    value: { column: 'OUTPUT_VALUE', typeColumn: 'SS_TYPE' },
    constants: {},
  },
];
