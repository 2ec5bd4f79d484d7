import Table from 'cli-table3';
import pc from 'picocolors';
import type { Finding, PlannedColumn, PlannedEntity, RefreshPlan } from '../plan/refreshPlan.js';

/** The plan for a terminal: what will happen, in the order in which it happens, and what stands against it. */
export function planText(plan: RefreshPlan, planHash: string): string {
  const sections = [
    header(plan, planHash),
    section('Scope', scope(plan)),
    section(
      'Applications that are disabled meanwhile',
      bullets(plan.applications.map((application) => application.name)),
    ),
    section('Deleted first in the destination, in this order', deletions(plan)),
    section('Users', users(plan)),
    section('Entities, in the order of loading', entities(plan)),
    section('References set after loading', deferred(plan)),
    section('Processes', processes(plan)),
    section('Event tables silenced and restored', bullets(plan.eventTables.map((table) => eventTable(table)))),
    section('Findings', findings(plan.findings)),
    verdict(plan),
  ];
  return sections.filter((text) => text !== '').join('\n\n');
}

/** Name of an entity as requests and reports give it. */
export function plannedEntityName(plan: RefreshPlan, entity: Pick<PlannedEntity, 'node'>): string {
  return nodeNameOf(plan, entity.node);
}

function header(plan: RefreshPlan, planHash: string): string {
  const { source, destination } = plan;
  const total = sum(plan.entities.map((entity) => entity.rows));
  return [
    pc.bold(`Refresh of ${destination.name} from ${source.name}`),
    `  from  ${source.database} on ${source.server} (${source.collation})`,
    `  into  ${destination.database} on ${destination.server} (${destination.collation}), ${rightsText[plan.rights]}`,
    `  ${count(total, 'row')} of ${count(plan.entities.length, 'entity', 'entities')} in ${count(plan.items.length, 'work item')}; plan ${planHash.slice(0, 12)}`,
  ].join('\n');
}

const rightsText: Readonly<Record<RefreshPlan['rights'], string>> = {
  full: 'with full rights',
  dataWriter: 'with the right to write rows, not to insert identity values',
  applicationTables: 'with rights on application tables only',
};

function scope(plan: RefreshPlan): string {
  const { solutions, applications, espaces, entities: named, exclude } = plan.request.scope;
  const lines = [
    ['solutions', solutions],
    ['applications', applications],
    ['espaces', espaces],
    ['entities', named],
    ['without', exclude],
  ] as const;
  const given = lines.filter(([, names]) => names.length > 0).map(([label, names]) => `${label}: ${names.join(', ')}`);
  const pulled = plan.producers.map(
    ({ entity, path }) => `${entity} ${pc.dim(`because of ${path.slice(0, -1).join(' → ')}`)}`,
  );
  return bullets([...given, ...pulled]);
}

function deletions(plan: RefreshPlan): string {
  if (plan.deletions.length === 0) return '';
  const table = grid(['Rows of', 'Rows', 'Which', 'Emptied before']);
  for (const deletion of plan.deletions) {
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
    table.push([
      deletion.outsideScope ? pc.yellow(`${deletion.name} (outside the scope)`) : deletion.name,
      String(deletion.rows),
      `${which}${kept}`,
      deletion.clearFirst.join(', '),
    ]);
  }
  return table.toString();
}

function users(plan: RefreshPlan): string {
  const known = plan.users;
  if (known === undefined) return '';
  const parts = [`${known.needed} needed`, `${known.matched} matched`, `${known.created} to create`];
  if (known.unmatched > 0)
    parts.push(
      pc.yellow(`${known.unmatched} without counterpart${known.fallbackId === null ? '' : ', to the fallback user'}`),
    );
  if (known.ambiguous > 0) parts.push(pc.red(`${known.ambiguous} with several counterparts`));
  const { match, passwords } = plan.request.users;
  return bullets([`${known.mode}: ${parts.join(', ')}`, `matched by ${match.join(' and ')}; passwords: ${passwords}`]);
}

function entities(plan: RefreshPlan): string {
  const table = grid(['Entity', 'Rows', 'Keys', 'Destination rows', 'Waits for']);
  const itemOf = new Map(
    plan.items.flatMap((item) => item.entities.map((entity): [number, typeof item] => [entity, item])),
  );
  plan.entities.forEach((entity, index) => {
    const waits = [...new Set((itemOf.get(index)?.dependsOn ?? []).map((id) => plan.items[id]?.name ?? ''))];
    const shown = waits.slice(0, 3).join(', ');
    table.push([
      nodeNameOf(plan, entity.node),
      String(entity.rows),
      keys(plan, entity),
      entity.data === 'deleteFirst'
        ? 'deleted first'
        : entity.match.length > 0
          ? `kept; ${entity.onMatch} by ${entity.match.join(', ')}`
          : 'kept',
      waits.length > 3 ? `${shown} and ${waits.length - 3} more` : shown,
    ]);
  });
  return table.toString();
}

function keys(plan: RefreshPlan, entity: PlannedEntity): string {
  const [key] = entity.columns;
  if (key?.treatment.kind === 'key' && key.treatment.follows !== undefined)
    return `of ${nodeNameOf(plan, key.treatment.follows.node)}`;
  return plan.nodes[entity.node]?.origin ?? '';
}

function deferred(plan: RefreshPlan): string {
  const isDeferred = (column: PlannedColumn): boolean =>
    column.treatment.kind === 'reference' && column.treatment.deferred;
  return bullets(
    plan.entities.flatMap((entity) =>
      entity.columns.filter(isDeferred).map((column) => `${nodeNameOf(plan, entity.node)}.${column.attribute}`),
    ),
  );
}

function processes(plan: RefreshPlan): string {
  const known = plan.processes;
  if (known === null)
    return bullets([
      plan.request.processes.migrate
        ? 'the scope has no process definitions'
        : 'instances do not move (processes.migrate: false)',
    ]);
  const left =
    known.treesLeftBehind > 0
      ? `; ${pc.yellow(`${known.treesLeftBehind} stay behind: a definition is missing in the destination`)}`
      : '';
  const types = known.valueTypes.map((type) => nodeNameOf(plan, type.node));
  return bullets([
    `${count(known.trees - known.treesLeftBehind, 'process tree')} of ${count(known.topDefinitionIds.length, 'definition')} move${left}`,
    `next runs of activities: ${plan.request.processes.nextRun}`,
    ...(types.length > 0 ? [`identifiers in values are translated: ${[...new Set(types)].join(', ')}`] : []),
  ]);
}

function eventTable(table: RefreshPlan['eventTables'][number]): string {
  return `${table.name} (${table.destination.table})${table.translateActivityRows ? '' : pc.dim(' destination rows only')}`;
}

function findings(all: readonly Finding[]): string {
  const painted = { blocking: pc.red, warning: pc.yellow, info: pc.dim } as const;
  return all
    .map((finding) => {
      const paint = painted[finding.severity];
      const remedy = finding.severity === 'info' ? '' : `\n      → ${finding.remedy}`;
      return `  ${paint(finding.severity.padEnd(8))} ${pc.bold(finding.code)} ${finding.subject}: ${finding.message}${remedy}`;
    })
    .join('\n');
}

function verdict(plan: RefreshPlan): string {
  const of = (severity: Finding['severity']): number =>
    plan.findings.filter((finding) => finding.severity === severity).length;
  const blocking = of('blocking');
  if (blocking > 0) return pc.red(pc.bold(`This plan cannot run: ${count(blocking, 'finding')} in the way.`));
  const warnings = of('warning');
  return pc.green(`This plan can run${warnings > 0 ? `, with ${count(warnings, 'warning')} to look at` : ''}.`);
}

function nodeNameOf(plan: RefreshPlan, node: number): string {
  const found = plan.nodes[node];
  return found === undefined ? `#${node}` : `${found.espace}.${found.entity}`;
}

function section(title: string, body: string): string {
  return body === '' ? '' : `${pc.bold(title)}\n${body}`;
}

function bullets(lines: readonly string[]): string {
  return lines.map((line) => `  - ${line}`).join('\n');
}

function grid(head: readonly string[]): Table.Table {
  return new Table({ head: [...head], style: { head: [], border: [], compact: true }, colAligns: ['left', 'right'] });
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
