import { TYPES } from 'tedious';
import type { RefreshPlan } from '../../plan/refreshPlan.js';
import type { BulkColumn, DestinationSession } from '../../sqlserver/session.js';
import { transportOf } from '../transport.js';
import type { EntityShape, StagedColumn } from './entityShape.js';
import { keyCollation, plannedNode } from './lookup.js';
import type { PageContent } from './readPage.js';

export const stagingTable = '#stage';

export const emptyStaging = `TRUNCATE TABLE ${stagingTable};`;

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
  if (column.transport.collation !== null) return column.transport.collation;
  const treatment = column.planned.treatment;
  const node =
    treatment.kind === 'reference' ? treatment.node : treatment.kind === 'key' ? treatment.follows?.node : undefined;
  const collation = node === undefined ? null : keyCollation({ plan }, plannedNode(plan, node));
  return collation === null || !/^\w+$/.test(collation) ? 'DATABASE_DEFAULT' : collation;
}

/** Loads the rows of a page into the staging table, which is empty. */
export async function loadPage(session: DestinationSession, shape: EntityShape, content: PageContent): Promise<void> {
  if (content.path === 'relay') await session.loadBytes(stagingTable, relayedColumns(shape), content.rows);
  else await session.bulkLoad(stagingTable, driverColumns(shape), content.rows);
}

/** The columns of the bulk load, in the order of the page query. */
function driverColumns(shape: EntityShape): BulkColumn[] {
  const columns: BulkColumn[] = [{ name: 'n', type: TYPES.Int }];
  for (const { name, source } of shape.staged) columns.push({ name, ...transportOf(source.type, shape.name).bulk });
  for (const { presence } of shape.staged) if (presence !== null) columns.push({ name: presence, type: TYPES.Bit });
  return columns;
}

function relayedColumns(shape: EntityShape): { readonly name: string; readonly declaration: string }[] {
  const columns = [{ name: 'n', declaration: 'int' }];
  for (const { name, transport } of shape.staged) {
    const collation = transport.collation === null ? '' : ` COLLATE ${transport.collation}`;
    columns.push({ name, declaration: `${transport.stagingType}${collation}` });
  }
  for (const { presence } of shape.staged) if (presence !== null) columns.push({ name: presence, declaration: 'bit' });
  return columns;
}
