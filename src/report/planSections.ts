import type { PlannedColumn, PlannedEntity, RefreshPlan } from '../plan/refreshPlan.js';

/** One part of the report of a plan, the same for every format. */
export interface PlanSection {
  readonly title: string;
  readonly lines?: readonly string[];
  readonly table?: { readonly head: readonly string[]; readonly rows: readonly (readonly (string | number)[])[] };
}

/** What will happen, in the order in which it happens; parts with nothing to say are left out. */
export function planSections(plan: RefreshPlan): PlanSection[] {
  const sections: PlanSection[] = [
    { title: 'Scope', lines: scope(plan) },
    {
      title: 'Applications that are disabled meanwhile',
      lines: plan.applications.map((application) => application.name),
    },
    { title: 'Deleted first in the destination, in this order', table: deletions(plan) },
    { title: 'Users', lines: users(plan) },
    { title: 'Entities, in the order of loading', table: entities(plan) },
    { title: 'References set after loading', lines: deferred(plan) },
    { title: 'Processes', lines: processes(plan) },
    { title: 'Event tables silenced and restored', lines: plan.eventTables.map(eventTable) },
  ];
  return sections.filter(({ lines, table }) => (lines?.length ?? 0) > 0 || (table?.rows.length ?? 0) > 0);
}

/** Where from, where to, how much and by which rights. */
export function planHeading(plan: RefreshPlan): { readonly title: string; readonly lines: readonly string[] } {
  const { source, destination } = plan;
  const total = plan.entities.reduce((sum, entity) => sum + entity.rows, 0);
  return {
    title: `Refresh of ${destination.name} from ${source.name}`,
    lines: [
      `from  ${source.database} on ${source.server} (${source.collation})`,
      `into  ${destination.database} on ${destination.server} (${destination.collation}), ${rightsText[plan.rights]}`,
      `${count(total, 'row')} of ${count(plan.entities.length, 'entity', 'entities')} in ${count(plan.items.length, 'work item')}`,
    ],
  };
}

export function planVerdict(plan: RefreshPlan): { readonly runs: boolean; readonly text: string } {
  const of = (severity: string): number => plan.findings.filter((finding) => finding.severity === severity).length;
  const blocking = of('blocking');
  if (blocking > 0) return { runs: false, text: `This plan cannot run: ${count(blocking, 'finding')} in the way.` };
  const warnings = of('warning');
  return {
    runs: true,
    text: `This plan can run${warnings > 0 ? `, with ${count(warnings, 'warning')} to look at` : ''}.`,
  };
}

function nodeNameOf(plan: RefreshPlan, node: number): string {
  const found = plan.nodes[node];
  return found === undefined ? `#${node}` : `${found.espace}.${found.entity}`;
}

const rightsText: Readonly<Record<RefreshPlan['rights'], string>> = {
  full: 'with full rights',
  dataWriter: 'with the right to write rows, not to change tables or to insert identity values everywhere',
  applicationTables: 'with rights on application tables only',
};

function scope(plan: RefreshPlan): string[] {
  const { solutions, applications, espaces, entities: named, exclude } = plan.request.scope;
  const given = [
    ['solutions', solutions],
    ['applications', applications],
    ['espaces', espaces],
    ['entities', named],
    ['without', exclude],
  ] as const;
  return [
    ...given.filter(([, names]) => names.length > 0).map(([label, names]) => `${label}: ${names.join(', ')}`),
    ...plan.producers.map(({ entity, path }) => `${entity} because of ${path.slice(0, -1).join(' → ')}`),
  ];
}

function deletions(plan: RefreshPlan): NonNullable<PlanSection['table']> {
  return {
    head: ['Rows of', 'Rows', 'Which', 'Emptied before'],
    rows: plan.deletions.map((deletion) => {
      const { filter } = deletion;
      const which =
        filter.kind === 'all'
          ? 'all'
          : filter.kind === 'tenants'
            ? `of ${count(filter.ids.length, 'mapped tenant')}`
            : filter.kind === 'processes'
              ? 'of process instances in scope'
              : `that refer by ${filter.columns.join(', ')}`;
      const kept = deletion.keepKeys.length > 0 ? `, without ${count(deletion.keepKeys.length, 'kept row')}` : '';
      return [
        deletion.outsideScope ? `${deletion.name} (outside the scope)` : deletion.name,
        deletion.rows,
        `${which}${kept}`,
        deletion.clearFirst.join(', '),
      ];
    }),
  };
}

function users(plan: RefreshPlan): string[] {
  const known = plan.users;
  if (known === undefined) return [];
  const parts = [`${known.needed} needed`, `${known.matched} matched`, `${known.created} to create`];
  if (known.unmatched > 0)
    parts.push(`${known.unmatched} without counterpart${known.fallbackId === null ? '' : ', to the fallback user'}`);
  if (known.ambiguous > 0) parts.push(`${known.ambiguous} with several counterparts`);
  const { match, passwords } = plan.request.users;
  const map = plan.request.users.map === null ? '' : `users.map (${known.byMap} of them), else by `;
  return [`${known.mode}: ${parts.join(', ')}`, `matched by ${map}${match.join(' and ')}; passwords: ${passwords}`];
}

function entities(plan: RefreshPlan): NonNullable<PlanSection['table']> {
  const itemOf = new Map(
    plan.items.flatMap((item) => item.entities.map((entity): [number, typeof item] => [entity, item])),
  );
  return {
    head: ['Entity', 'Rows', 'Keys', 'Destination rows', 'Waits for'],
    rows: plan.entities.map((entity, index) => {
      const waits = [...new Set((itemOf.get(index)?.dependsOn ?? []).map((id) => plan.items[id]?.name ?? ''))];
      const shown = waits.slice(0, 3).join(', ');
      return [
        nodeNameOf(plan, entity.node),
        entity.splitAt.length === 0 ? entity.rows : `${entity.rows} in ${entity.splitAt.length + 1} key ranges`,
        keys(plan, entity),
        entity.data === 'deleteFirst'
          ? 'deleted first'
          : entity.match.length > 0
            ? `kept; ${entity.onMatch} by ${entity.match.join(', ')}`
            : 'kept',
        waits.length > 3 ? `${shown} and ${waits.length - 3} more` : shown,
      ];
    }),
  };
}

function keys(plan: RefreshPlan, entity: PlannedEntity): string {
  const [key] = entity.columns;
  if (key?.treatment.kind === 'key' && key.treatment.follows !== undefined)
    return `of ${nodeNameOf(plan, key.treatment.follows.node)}`;
  return plan.nodes[entity.node]?.origin ?? '';
}

function deferred(plan: RefreshPlan): string[] {
  const isDeferred = (column: PlannedColumn): boolean =>
    column.treatment.kind === 'reference' && column.treatment.deferred;
  return plan.entities.flatMap((entity) =>
    entity.columns.filter(isDeferred).map((column) => `${nodeNameOf(plan, entity.node)}.${column.attribute}`),
  );
}

function processes(plan: RefreshPlan): string[] {
  const known = plan.processes;
  if (known === null)
    return [plan.request.processes.migrate ? 'the scope has no process definitions' : 'instances do not move'];
  const left =
    known.treesLeftBehind > 0
      ? `; ${known.treesLeftBehind} stay behind: a definition is missing in the destination`
      : '';
  const types = known.valueTypes.map((type) => nodeNameOf(plan, type.node));
  return [
    `${count(known.trees - known.treesLeftBehind, 'process tree')} of ${count(known.topDefinitionIds.length, 'definition')} move${left}`,
    `next runs of activities: ${plan.request.processes.nextRun}`,
    ...(types.length > 0 ? [`identifiers in values are translated: ${[...new Set(types)].join(', ')}`] : []),
  ];
}

function eventTable(table: RefreshPlan['eventTables'][number]): string {
  const rows = table.outsideScope
    ? table.translateActivityRows
      ? ', rows of activities that move or are deleted only'
      : ', rows of activities that are deleted only'
    : table.translateActivityRows
      ? ''
      : ', destination rows only';
  return `${table.name} (${table.destination.table})${rows}`;
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
