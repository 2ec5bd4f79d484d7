import { physicalTable } from '../factory/factory.js';
import { textOrNull } from '../factory/rowValues.js';
import type { DraftColumn, DraftEntity, DraftNode } from '../plan/draft.js';
import type { Outline } from '../plan/outline.js';
import { quoteName, quoteTable, quoteText } from '../sqlserver/quoteName.js';
import type { ReadDatabase } from '../sqlserver/readDatabase.js';
import { inParallel } from './inParallel.js';
import type { RowConditions } from './movedRows.js';

/** Identifiers of one node in a column of the source: the value, and when it is one. Both of the alias `t`. */
export interface Identifiers {
  readonly node: DraftNode;
  readonly value: string;
  readonly condition: string;
}

/** The node that a reference, or a key that is one itself, leads to; null for every other column. */
export function referencedNode(outline: Pick<Outline, 'registry'>, column: DraftColumn): DraftNode | null {
  const { treatment } = column;
  const node =
    treatment.kind === 'reference' ? treatment.node : treatment.kind === 'key' ? treatment.follows?.node : undefined;
  return node === undefined ? null : (outline.registry.nodes[node] ?? null);
}

/** 0 and '' are null identifiers unless a row has them as its key (trap 21). */
export function isSet(column: DraftColumn, node: Pick<DraftNode, 'keyKind'>, alias = 't'): string {
  const name = `${alias}.${quoteName(column.source.column)}`;
  return `${name} IS NOT NULL AND ${name} <> ${noneOf(node)}`;
}

function noneOf({ keyKind }: Pick<DraftNode, 'keyKind'>): string {
  return keyKind === 'integer' ? '0' : "N''";
}

/** That the value is the key of a row of the node in the source; null for a node without a table there. */
export function existsInSource(outline: Outline, node: DraftNode, value: string): string | null {
  if (node.source === null || physicalTable(outline.source.factory, node.source.table) === null) return null;
  return `EXISTS (SELECT 1 FROM ${quoteTable(node.source.table)} target WHERE target.${quoteName(node.source.column)} = ${value})`;
}

/** Every kind of identifier that the column holds: several for values of processes, none for what is copied. */
export function identifiersOf(outline: Outline, column: DraftColumn): Identifiers[] {
  const name = `t.${quoteName(column.source.column)}`;
  const { treatment } = column;
  if (treatment.kind === 'typedValue') {
    return (outline.processes?.valueTypes ?? []).flatMap((type) => {
      const node = outline.registry.nodes[type.node];
      if (node === undefined) return [];
      const value = node.keyKind === 'integer' ? `TRY_CONVERT(bigint, ${name})` : `${name} COLLATE DATABASE_DEFAULT`;
      const ofType = `t.${quoteName(treatment.typeColumn)} = ${quoteText(type.ssType)}`;
      return [{ node, value, condition: `${ofType} AND ${value} <> ${noneOf(node)}` }];
    });
  }
  const node = referencedNode(outline, column);
  return node === null ? [] : [{ node, value: name, condition: isSet(column, node) }];
}

/**
 * Integer keys of the given nodes that rows which move name, in references and in values of processes, in ascending
 * order. A key that is a reference itself names nobody: only what refers to it does.
 */
export async function referencedIds(
  db: ReadDatabase,
  outline: Outline,
  moved: RowConditions,
  nodes: ReadonlySet<number>,
): Promise<number[]> {
  const ids = new Set<number>();
  await inParallel(outline.entities, async (entity) => {
    for (const { value, condition } of identifiersIn(outline, entity, nodes)) {
      const rows = await db.query(
        `SELECT DISTINCT ${value} AS referenced_id FROM ${quoteTable(entity.source.name)} t WHERE ${moved(entity)} AND ${condition}`,
      );
      for (const row of rows) {
        const id = Number(textOrNull(row, 'referenced_id') ?? 0);
        if (Number.isSafeInteger(id) && id !== 0) ids.add(id);
      }
    }
  });
  return [...ids].sort((a, b) => a - b);
}

function identifiersIn(outline: Outline, entity: DraftEntity, nodes: ReadonlySet<number>): Identifiers[] {
  return entity.columns
    .filter(({ treatment }) => treatment.kind !== 'key')
    .flatMap((column) => identifiersOf(outline, column))
    .filter(({ node }) => nodes.has(node.node));
}
