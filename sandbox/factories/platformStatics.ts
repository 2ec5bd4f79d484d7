/** Records of the platform's own static entities: equal in every environment. */
import type { ActivityKind } from './model.js';

export const processStatuses = { active: 1, closed: 2, suspended: 3, terminated: 4, skipped: 5 } as const;
export const terminalProcessStatuses: readonly number[] = [2, 4, 5];

export const activityStatuses = {
  created: 1,
  scheduled: 2,
  running: 3,
  suspended: 4,
  closed: 5,
  error: 6,
  waiting: 7,
  listening: 8,
  ready: 9,
  opened: 10,
  terminated: 11,
  skipped: 12,
  expired: 13,
} as const;
export const terminalActivityStatuses: readonly number[] = [5, 11, 12, 13];

export const activityKinds: Readonly<Record<ActivityKind, number>> = {
  start: 1,
  end: 2,
  human: 3,
  automatic: 4,
  wait: 5,
  conditionalStart: 6,
  executeProcess: 7,
  decision: 8,
};

export const moduleKinds = { espace: 1, extension: 2 } as const;
