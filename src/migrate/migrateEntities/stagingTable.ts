import { TYPES } from 'tedious';
import type { RefreshPlan } from '../../plan/refreshPlan.js';
import type { BulkColumn } from '../../sqlserver/session.js';
import type { EntityShape, StagedColumn } from './entityShape.js';
import { keyCollation, plannedNode } from './lookup.js';

export const stagingTable = '#stage';

/**
 * CREATE TABLE for the page of an entity: a heap with sized columns, no defaults, no constraints. Text is collated as
 * the database, or as the key that it is compared with, because tempdb may have another collation (trap 50).
 */
export function createStagingSql(plan: RefreshPlan, shape: EntityShape): string {
  const columns = ['n int NOT NULL'];
  for (const column of shape.staged) columns.push(`${column.name} ${stagingType(plan, column)} NULL`);
  for (const column of shape.staged) {
    if (column.presence !== null) columns.push(`${column.presence} bit NULL`);
  }
  return `CREATE TABLE ${stagingTable} (${columns.join(', ')});`;
}

function stagingType(plan: RefreshPlan, column: StagedColumn): string {
  if (!column.transport.text) return column.transport.stagingType;
  return `${column.transport.stagingType} COLLATE ${stagingCollation(plan, column)}`;
}

function stagingCollation(plan: RefreshPlan, column: StagedColumn): string {
  const treatment = column.planned.treatment;
  const node =
    treatment.kind === 'reference' ? treatment.node : treatment.kind === 'key' ? treatment.follows?.node : undefined;
  const collation = node === undefined ? null : keyCollation({ plan }, plannedNode(plan, node));
  return collation === null || !/^\w+$/.test(collation) ? 'DATABASE_DEFAULT' : collation;
}

/** The columns of the bulk load, in the order of the page query. */
export function stagingColumns(shape: EntityShape): BulkColumn[] {
  const columns: BulkColumn[] = [{ name: 'n', type: TYPES.Int }];
  for (const column of shape.staged) columns.push({ name: column.name, ...column.transport.bulk });
  for (const column of shape.staged) {
    if (column.presence !== null) columns.push({ name: column.presence, type: TYPES.Bit });
  }
  return columns;
}
