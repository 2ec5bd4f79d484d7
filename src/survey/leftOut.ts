import { physicalTable } from '../factory/factory.js';
import { integer } from '../factory/rowValues.js';
import type { DraftColumn, DraftEntity, DraftNode } from '../plan/draft.js';
import type { Outline } from '../plan/outline.js';
import { quoteName, quoteTable, quoteText } from '../sqlserver/quoteName.js';
import type { ReadDatabase } from '../sqlserver/readDatabase.js';
import type { ColumnFacts } from './facts.js';
import { isSet, referencedNode, type RowConditions } from './sourceSurvey.js';

type LeftOut = NonNullable<ColumnFacts['leftOut']>[number];

/** Identifiers of one node in a column: the value, and when it is one. */
interface Identifiers {
  readonly node: DraftNode;
  readonly value: string;
  readonly condition: string;
}

/**
 * Counts the references of rows that move to rows which exist in the source and stay behind: those of entities that are
 * not in the refresh, and those that where, tenants or the statuses of processes leave out. What refers to nothing in the
 * source either (a record whose row is gone, trap 52) is an orphan, counted apart.
 */
export async function surveyLeftOut(
  db: ReadDatabase,
  outline: Outline,
  entity: DraftEntity,
  column: DraftColumn,
  moved: RowConditions,
): Promise<LeftOut[]> {
  const found: LeftOut[] = [];
  for (const { node, value, condition } of identifiersOf(outline, entity, column)) {
    const stays = staysBehind(outline, node, value, moved);
    if (stays === null) continue;
    const [row] = await db.query(
      `SELECT COUNT_BIG(*) AS left_out FROM ${quoteTable(entity.source.name)} t WHERE ${moved(entity)} AND ${condition}${stays}`,
    );
    const rows = integer(row ?? {}, 'left_out');
    if (rows > 0) found.push({ node: node.node, rows, all: node.origin === 'unavailable' });
  }
  return found;
}

function identifiersOf(outline: Outline, entity: DraftEntity, column: DraftColumn): Identifiers[] {
  const name = `t.${quoteName(column.source.column)}`;
  const { treatment } = column;
  if (treatment.kind === 'typedValue') {
    return (outline.processes?.valueTypes ?? []).flatMap((type) => {
      const node = outline.registry.nodes[type.node];
      if (node === undefined || node.kind === 'process' || node.kind === 'activity') return [];
      const value = node.keyKind === 'integer' ? `TRY_CONVERT(bigint, ${name})` : `${name} COLLATE DATABASE_DEFAULT`;
      return [{ node, value, condition: `t.${quoteName(treatment.typeColumn)} = ${quoteText(type.ssType)}` }];
    });
  }
  const node = referencedNode(outline, column);
  if (node === null) return [];
  // Deferred references inside the process tables lead to rows of the same tables, which move or stay with them.
  if (entity.processTable !== null && (node.kind === 'process' || node.kind === 'activity')) return [];
  return [{ node, value: name, condition: isSet(column, node) }];
}

/** The identifier is that of a row that stays behind; null where none does. */
function staysBehind(outline: Outline, node: DraftNode, value: string, moved: RowConditions): string | null {
  if (node.source === null || physicalTable(outline.source.factory, node.source.table) === null)
    return node.origin === 'unavailable' ? '' : null;
  const [table, key] = [quoteTable(node.source.table), quoteName(node.source.column)];
  const exists = ` AND EXISTS (SELECT 1 FROM ${table} target WHERE target.${key} = ${value})`;
  if (node.origin === 'unavailable') return exists;
  const target = outline.entities.find((each) => each.node === node.node);
  if (target === undefined || !isFiltered(outline, target)) return null;
  return `${exists}\nAND NOT EXISTS (SELECT 1 FROM (SELECT t.${key} AS moved_key FROM ${table} t WHERE ${moved(target)}) kept WHERE kept.moved_key = ${value})`;
}

function isFiltered(outline: Outline, { options, processTable, tenantColumn }: DraftEntity): boolean {
  const tenants = tenantColumn !== null && outline.tenants.missing.length > 0;
  return options.where !== null || processTable !== null || tenants;
}
