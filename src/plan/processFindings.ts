import type { DestinationFacts, SourceFacts } from '../survey/facts.js';
import { finding } from './findings.js';
import type { Outline } from './outline.js';
import { platformKinds } from './platformNodes.js';
import { missingInUse } from './processOutline.js';
import type { Finding } from './refreshPlan.js';

/** What of the processes does not move, loses values, or is in the way. */
export function processFindings(outline: Outline, source: SourceFacts, destination: DestinationFacts): Finding[] {
  const findings: Finding[] = [];
  const { processes } = outline;
  const facts = source.survey.processes;
  if (processes !== null && facts !== null) {
    const missing = missingInUse(processes, facts);
    const inScope = new Set(processes.missingProcessDefinitions.filter((each) => missing.processes.includes(each.id)));
    const modules = new Set(outline.scope.modules.map((module) => module.id));
    for (const definition of inScope) {
      if (!modules.has(definition.parentId)) continue;
      findings.push(
        finding(
          'PROCESS_DEFINITION_MISSING',
          definition.name,
          'The destination has no active process definition with its keys: its instances do not move.',
        ),
      );
    }
    if (facts.treesLeftBehind > 0) {
      findings.push(
        finding(
          'PROCESS_TREES_LEFT_BEHIND',
          'processes',
          `${facts.treesLeftBehind} of ${facts.trees} process trees hold an instance whose definition the destination lacks: they stay behind whole.`,
        ),
      );
    }
    findings.push(...missingStatuses(outline));
    for (const type of processes.valueTypes) {
      const node = outline.registry.nodes[type.node];
      if (node?.origin !== 'unavailable' || platformKinds.has(node.entity)) continue;
      findings.push(
        finding(
          'PROCESS_VALUE_UNMAPPED',
          `${node.espace}.${node.entity}`,
          'Values of processes are identifiers of it, and nothing of it is mapped: they are emptied.',
        ),
      );
    }
  }
  if (destination.survey.tornInstances > 0) {
    findings.push(
      finding(
        'DELETION_TEARS_TREES',
        'processes',
        `${destination.survey.tornInstances} process instances of the destination are in one tree with instances outside the scope.`,
      ),
    );
  }
  const kept = !outline.request.processes.migrate && outline.request.destinationData === 'deleteFirst';
  const modules = new Set(outline.scope.modules.map((module) => module.key));
  const espaces = new Set(
    outline.destination.factory.modules
      .filter((module) => module.kind === 'espace' && modules.has(module.key))
      .map((module) => module.id),
  );
  const definitions = outline.destination.factory.processes.definitions
    .filter((each) => espaces.has(each.parentId))
    .map((each) => each.id);
  if (kept && destination.values.some((value) => definitions.includes(value.topDefinitionId))) {
    findings.push(
      finding(
        'PROCESSES_KEPT',
        'processes',
        'Process instances of the destination stay, with identifiers of rows that are deleted.',
      ),
    );
  }
  return findings;
}

/** Statuses match by name; the platform has the same ones in every environment of one version. */
function missingStatuses(outline: Outline): Finding[] {
  const [from, to] = [outline.source.factory.processes, outline.destination.factory.processes];
  return (['processStatuses', 'activityStatuses'] as const).flatMap((kind) => {
    const there = new Set(to[kind].map((status) => status.name.toLowerCase()));
    const missing = from[kind].map((status) => status.name).filter((name) => !there.has(name.toLowerCase()));
    if (missing.length === 0) return [];
    return [finding('PROCESS_STATUS_MISSING', missing.join(', '), 'The destination has no status of this name.')];
  });
}

/** Events that wait and timers that are overdue in the applications concerned (traps 65, 77). */
export function activityFindings(
  outline: Outline,
  destination: DestinationFacts,
  espaceIds: readonly number[],
): Finding[] {
  const queued = destination.survey.queues.reduce((sum, queue) => sum + queue.rows, 0);
  const timers = destination.survey.overdueTimers
    .filter((timer) => espaceIds.includes(timer.espaceId))
    .map((timer) => timer.name);
  return [
    ...(queued > 0
      ? [finding('EVENTS_WAITING', 'event queues', `${queued} events wait in the destination's queues.`)]
      : []),
    ...(timers.length > 0
      ? [
          finding(
            'TIMERS_OVERDUE',
            'timers',
            `${[...new Set(timers)].join(', ')} are overdue and run as soon as their applications are enabled.`,
            outline.request.timers === 'leave' ? 'warning' : 'info',
          ),
        ]
      : []),
  ];
}
