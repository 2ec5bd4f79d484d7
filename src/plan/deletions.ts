import { entityName, keyAttribute, tableKey, type PhysicalTable } from '../factory/factory.js';
import type { DestinationFacts } from '../survey/facts.js';
import type { DraftEntity } from './draft.js';
import { finding } from './findings.js';
import { orderGraph, type GraphEdge } from './graph.js';
import { inboundKey, type InboundColumn } from './inbound.js';
import type { Outline } from './outline.js';
import type { Finding, PlannedDeletion } from './refreshPlan.js';

export interface Deletions {
  readonly deletions: readonly PlannedDeletion[];
  readonly findings: readonly Finding[];
}

/** True if nothing of the entity's destination table survives. */
export function deletesAll(outline: Outline, entity: DraftEntity): boolean {
  return (
    filterOf(outline, entity).kind === 'all' && entity.data === 'deleteFirst' && entity.options.keepRows.length === 0
  );
}

/**
 * What is deleted in the destination, consumers before producers. Rows outside the scope that an enforced reference
 * ties to rows that go are deleted too, and listed (trap 25); where that would drag further tables along, the plan is
 * refused.
 */
export function planDeletions(outline: Outline, destination: DestinationFacts): Deletions {
  const findings: Finding[] = [];
  const inside = outline.entities.filter((entity) => entity.data === 'deleteFirst');
  const drafts: Draft[] = inside.map((entity) => ({
    table: entity.destination,
    entity,
    plan: {
      name: entity.name,
      table: entity.destination.name,
      keyColumn: entity.columns[0]?.destination.column ?? '',
      node: entity.node,
      rows: destination.survey.entities[entity.name]?.rows ?? 0,
      filter: filterOf(outline, entity),
      keepKeys: entity.options.keepRows,
      outsideScope: false,
    },
  }));
  for (const { name, column, target, rows } of destination.survey.keptReferring) {
    findings.push(
      finding(
        'DELETION_REFUSED_BY_KEPT',
        `${name}.${column}`,
        `${rows} rows that stay (keepRows, or tenants that are not refreshed) refer to rows of ${target} that are deleted: let those stay too (keepRows, or data: keep).`,
      ),
    );
  }
  findings.push(...keptTenants(outline, inside, destination));
  drafts.push(...outsideDeletions(outline, destination, findings));
  const edges = deletionEdges(drafts);
  const order = orderGraph(drafts.length, edges);
  for (const cycle of order.unbreakable) {
    findings.push(
      finding(
        'GRAPH_CYCLE',
        cycle.join(' → '),
        'Rows of the destination refer to one another in a cycle, and none of these columns may be emptied.',
      ),
    );
  }
  const clearFirst = new Map<number, Set<string>>();
  for (const index of order.deferred) {
    const edge = edges[index];
    if (edge !== undefined) clearFirst.set(edge.from, (clearFirst.get(edge.from) ?? new Set()).add(edge.column));
  }
  const deletions = [...order.order].reverse().flatMap((index) => {
    const draft = drafts[index];
    return draft === undefined ? [] : [{ ...draft.plan, clearFirst: [...(clearFirst.get(index) ?? [])].sort() }];
  });
  return { deletions, findings };
}

/** Rows of tenants that production does not have stay; of which entities, and how the tenants are called. */
function keptTenants(outline: Outline, inside: readonly DraftEntity[], destination: DestinationFacts): Finding[] {
  if (outline.tenants.coversDestination) return [];
  const covered = new Set(outline.tenants.images.map((image) => image.destination.id));
  const names = destination.factory.tenants.filter((each) => !covered.has(each.id)).map((each) => each.name);
  return inside
    .filter((entity) => filterOf(outline, entity).kind === 'tenants')
    .map((entity) =>
      finding(
        'DELETION_KEEPS_TENANTS',
        entity.name,
        `Rows of tenants that the source lacks stay: ${names.sort().join(', ')}.`,
      ),
    );
}

interface Draft {
  readonly table: PhysicalTable;
  readonly entity: DraftEntity | null;
  readonly plan: Omit<PlannedDeletion, 'clearFirst'>;
}

/** Which rows of the entity's destination table go, rows kept by their keys aside. */
export function filterOf(outline: Outline, entity: DraftEntity): PlannedDeletion['filter'] {
  if (entity.processTable !== null) {
    return {
      kind: 'processes',
      path: entity.processTable.processPath,
      definitionIds: outline.processes?.destinationDefinitionIds ?? [],
    };
  }
  if (entity.tenantColumn !== null && !outline.tenants.coversDestination) {
    return {
      kind: 'tenants',
      column: entity.tenantColumn.destination,
      ids: outline.tenants.images.map((image) => image.destination.id),
    };
  }
  return { kind: 'all' };
}

function outsideDeletions(outline: Outline, destination: DestinationFacts, findings: Finding[]): Draft[] {
  const byTable = new Map<string, InboundColumn[]>();
  for (const inbound of outline.inbound) {
    const target = outline.entities[inbound.target];
    const rows = destination.survey.inbound[inboundKey(inbound)] ?? 0;
    if (target === undefined || target.data !== 'deleteFirst' || rows === 0) continue;
    const owner = inbound.owner === null ? null : outline.entities[inbound.owner];
    if (owner?.data === 'deleteFirst') continue;
    const subject = `${inbound.name}.${inbound.column}`;
    if (!inbound.enforced) {
      findings.push(
        finding(
          'DELETION_LEAVES_DANGLING',
          subject,
          `${rows} rows refer to ${target.name}, whose rows are deleted (delete rule Ignore).`,
        ),
      );
    } else if (owner != null) {
      findings.push(
        finding(
          'DELETION_REFUSED_BY_KEPT',
          subject,
          `${rows} rows that are kept refer to ${target.name}, whose rows are deleted.`,
        ),
      );
    } else if (/^ossys_/i.test(inbound.table.name.table) && inbound.cascade) {
      continue;
    } else if (!deletesAll(outline, target)) {
      findings.push(
        finding(
          'DELETION_CHAIN',
          subject,
          `${rows} rows outside the scope refer to ${target.name}, of which only a part is deleted.`,
        ),
      );
    } else {
      byTable.set(tableKey(inbound.table.name), [...(byTable.get(tableKey(inbound.table.name)) ?? []), inbound]);
    }
  }
  return [...byTable].flatMap(([key, columns]) => outsideDeletion(outline, destination, key, columns, findings));
}

function outsideDeletion(
  outline: Outline,
  destination: DestinationFacts,
  key: string,
  columns: readonly InboundColumn[],
  findings: Finding[],
): Draft[] {
  const [first] = columns;
  if (first === undefined) return [];
  for (const chained of destination.survey.chained[key] ?? []) {
    findings.push(
      finding(
        'DELETION_CHAIN',
        first.name,
        `Its rows would be deleted with those they refer to, but ${chained.rows} rows of ${chained.name} refer to it (${chained.column}).`,
      ),
    );
  }
  const rows = destination.survey.referring[key] ?? 0;
  const targets = [...new Set(columns.map((each) => outline.entities[each.target]?.name ?? ''))].join(', ');
  const how = columns.every((each) => each.cascade) ? 'by cascade' : 'because a foreign key ties them';
  findings.push(
    finding(
      'DELETION_OUTSIDE_SCOPE',
      first.name,
      `${rows} rows outside the scope refer to ${targets} and are deleted with them, ${how}.`,
    ),
  );
  const [entity] = outline.destination.entitiesOfTable(first.table.name);
  return [
    {
      table: first.table,
      entity: null,
      plan: {
        name: entity === undefined ? first.name : entityName(entity),
        table: first.table.name,
        keyColumn: (entity === undefined ? null : keyAttribute(entity)?.column) ?? primaryKeyColumn(first.table),
        node: null,
        rows,
        filter: { kind: 'referring', columns: columns.map((each) => each.column) },
        keepKeys: [],
        outsideScope: true,
      },
    },
  ];
}

function primaryKeyColumn(table: PhysicalTable): string {
  return table.uniqueIndexes.find((index) => index.primaryKey)?.columns[0] ?? table.columns[0]?.name ?? '';
}

interface DeletionEdge extends GraphEdge {
  readonly column: string;
}

/** Enforced references between the tables of which rows are deleted; those that may be emptied first can break cycles. */
function deletionEdges(drafts: readonly Draft[]): DeletionEdge[] {
  const indexes = new Map(drafts.map((draft, index) => [tableKey(draft.table.name), index]));
  return drafts.flatMap((draft, from) =>
    draft.table.foreignKeys.flatMap((key) => {
      const to = indexes.get(tableKey(key.referencedTable));
      const [name] = key.columns;
      if (to === undefined || name === undefined || !key.enabled || key.columns.length !== 1) return [];
      return [
        {
          from,
          to,
          column: name,
          deferrable: mayBeEmptied(draft, name),
          weight: draft.plan.rows,
          label: `${draft.plan.name}.${name}`,
        },
      ];
    }),
  );
}

function mayBeEmptied(draft: Draft, column: string): boolean {
  const folded = column.toLowerCase();
  const drafted = draft.entity?.columns.find((each) => each.destination.column.toLowerCase() === folded);
  if (draft.entity?.processTable != null) return drafted?.deferral === 'always';
  const physical = draft.table.columns.find((each) => each.name.toLowerCase() === folded);
  const unique = draft.table.uniqueIndexes.some((index) => index.columns.some((each) => each.toLowerCase() === folded));
  return physical?.type.nullable === true && !unique;
}
