import type { EntityModel } from '../model.js';
import type { Owned } from '../modelIndex.js';
import type { CellValue } from './load.js';
import type { Target } from './target.js';

/** Streams the rows of an application entity into its table. Returns how many. */
export async function writeRows(target: Target, owner: Owned<EntityModel>): Promise<number> {
  const columns = owner.item.attributes.map((each) => target.column(owner, each));
  if (owner.item.multiTenant) columns.push('TENANT_ID');
  return await target
    .loaderOf(owner)
    .load(
      target.physical(owner).table,
      columns,
      owner.item.kind === 'staticEntity' ? staticRows(target, owner) : dataRows(target, owner),
    );
}

function* dataRows(target: Target, owner: Owned<EntityModel>): Generator<CellValue[]> {
  const { content, index } = target;
  const count = content.rowsOf(owner.path);
  const key = index.primaryKey(owner.item);
  for (let ordinal = 0; ordinal < count; ordinal++) {
    const row = owner.item.attributes.map((attribute) => {
      if (attribute === key) return target.keyOf(owner, ordinal);
      const value = target.resolve(attribute, content.value(owner, attribute, ordinal));
      return value === null && attribute.notNull ? emptyValue(attribute.type.kind) : value;
    });
    if (owner.item.multiTenant) row.push(target.ids.id('tenant', content.tenantOf(owner.path, ordinal)));
    yield row;
  }
}

function emptyValue(kind: string): CellValue {
  return kind === 'text' || kind === 'phone' || kind === 'email' ? '' : 0;
}

/** Only active records have a row; that of a deleted record is gone. */
function* staticRows(target: Target, owner: Owned<EntityModel>): Generator<CellValue[]> {
  const key = target.index.primaryKey(owner.item);
  for (const [ordinal, record] of owner.item.records.entries()) {
    if (!record.active) continue;
    yield owner.item.attributes.map((each) =>
      each === key ? target.keyOf(owner, ordinal) : (record.values[each.name] ?? null),
    );
  }
}
