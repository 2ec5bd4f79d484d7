import { buildPlan } from '../../../src/plan/buildPlan.js';
import type { PlannedColumn, PlannedEntity, RefreshPlan } from '../../../src/plan/refreshPlan.js';
import { configuration, factsOf, request, type FactOverrides } from './facts.js';
import type { FactorySpec } from './specFactory.js';

export function planFor(spec: FactorySpec, wanted: object, overrides: FactOverrides = {}): RefreshPlan {
  const asked = request(wanted);
  const facts = factsOf(spec, asked, overrides);
  return buildPlan(asked, configuration, facts.source, facts.destination);
}

export function nodeNameOf(plan: RefreshPlan, node: number): string {
  const found = plan.nodes[node];
  return `${found?.espace}.${found?.entity}`;
}

export function namesOf(plan: RefreshPlan): string[] {
  return plan.entities.map((entity) => nodeNameOf(plan, entity.node)).sort();
}

export function entityOf(plan: RefreshPlan, name: string): PlannedEntity {
  const found = plan.entities.find((entity) => nodeNameOf(plan, entity.node) === name);
  if (found === undefined) throw new Error(`the plan does not move ${name}`);
  return found;
}

export function columnOf(plan: RefreshPlan, name: string, attribute: string): PlannedColumn {
  const found = entityOf(plan, name).columns.find((column) => column.attribute === attribute);
  if (found === undefined) throw new Error(`the plan does not carry ${name}.${attribute}`);
  return found;
}

/** CODE subject of every finding of that severity, or of any. */
export function findingsOf(plan: RefreshPlan, severity?: string): string[] {
  return plan.findings
    .filter((finding) => severity === undefined || finding.severity === severity)
    .map((finding) => `${finding.code} ${finding.subject}`);
}

export function messageOf(plan: RefreshPlan, code: string): string {
  return plan.findings.find((finding) => finding.code === code)?.message ?? '';
}
