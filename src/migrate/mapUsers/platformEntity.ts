import type { KeyOrigin, PlannedColumn, PlannedEntity, PlannedNode, RefreshPlan } from '../../plan/refreshPlan.js';
import { refuse } from '../../sqlserver/errors.js';
import type { DestinationSession, SourceSession } from '../../sqlserver/session.js';
import { readTableColumns, type TableColumn } from './tableColumns.js';

/** How one column of OSSYS_USER or OSSYS_GROUP is treated; columns not named are copied. */
export type PlatformTreatments = Readonly<Record<string, PlannedColumn['treatment'] | 'leave'>>;

/**
 * The plan with one more entity: OSSYS_USER or OSSYS_GROUP, matched and created like rows of an application that keeps
 * its destination data. The plan has no columns of platform tables, so they are taken from both catalogues.
 */
export interface PlatformEntity {
  readonly plan: RefreshPlan;
  /** Index into the plan's entities. */
  readonly index: number;
}

export async function platformEntity(
  plan: RefreshPlan,
  node: PlannedNode,
  source: SourceSession,
  destination: DestinationSession,
  options: { readonly create: boolean; readonly match: readonly string[]; readonly treatments: PlatformTreatments },
): Promise<PlatformEntity> {
  if (node.source === null || node.destination === null) {
    throw refuse(
      'schemaDiffers',
      'a platform table is missing',
      'Check that both databases are OutSystems platform databases.',
      node.entity,
    );
  }
  const from = await readTableColumns(source, node.source.table);
  const to = await readTableColumns(destination, node.destination.table);
  const entity: PlannedEntity = {
    node: node.node,
    stage: 'migrateEntities',
    sourceTable: node.source.table,
    destinationTable: node.destination.table,
    columns: columnsOf(node.source.column, from, to, options.treatments),
    data: 'keep',
    match: options.match,
    onMatch: 'skip',
    where: null,
    processPath: null,
    highWater: null,
    splitAt: [],
    rows: 0,
    hasTriggers: true,
  };
  const origin = originOf(plan, options.create);
  const nodes = plan.nodes.map((each) => (each.node === node.node ? { ...each, origin } : each));
  return { plan: { ...plan, nodes, entities: [...plan.entities, entity] }, index: plan.entities.length };
}

function originOf(plan: RefreshPlan, create: boolean): KeyOrigin {
  if (!create || plan.rights === 'applicationTables') return 'matched';
  return plan.rights === 'full' ? 'reserved' : 'generated';
}

function columnsOf(
  key: string,
  from: readonly TableColumn[],
  to: readonly TableColumn[],
  treatments: PlatformTreatments,
): PlannedColumn[] {
  const columns: PlannedColumn[] = [];
  for (const destination of to) {
    const name = destination.name.toUpperCase();
    const source = from.find((column) => column.name.toUpperCase() === name) ?? null;
    const treatment =
      name === key.toUpperCase() ? ({ kind: 'key' } as const) : (treatments[name] ?? ({ kind: 'copy' } as const));
    if (treatment === 'leave') continue;
    const column: PlannedColumn = {
      attribute: destination.name,
      source: source === null ? null : { column: source.name, type: source.type },
      destination: { column: destination.name, type: destination.type },
      treatment,
    };
    if (treatment.kind === 'key') columns.unshift(column);
    else columns.push(column);
  }
  return columns;
}
