import type { PlannedNode, RefreshPlan } from '../../plan/refreshPlan.js';
import type { DestinationSession, SourceSession } from '../../sqlserver/session.js';
import type { StageContext } from '../stageContext.js';
import type { KeyOwners } from '../state/keyOwners.js';

/** What the steps of mapUsers share in one slice. */
export interface Stage {
  readonly context: StageContext;
  readonly source: SourceSession;
  readonly destination: DestinationSession;
  readonly owners: KeyOwners;
  count(rows: number): void;
}

export function nodeOfKind(plan: RefreshPlan, kind: 'user' | 'group' | 'role' | 'tenant'): PlannedNode | null {
  return plan.nodes.find((node) => node.kind === kind && node.source !== null && node.destination !== null) ?? null;
}
