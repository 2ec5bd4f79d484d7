import { describe, expect, it } from 'vitest';
import type { FactorySpec } from './specFactory.js';
import { columnOf, entityOf, findingsOf as codes, planFor as plan } from './planFor.js';

describe('tenants', () => {
  const spec: FactorySpec = {
    modules: { App: { entities: { Note: { multiTenant: true } } } },
    tenants: ['Users', 'North'],
  };
  const poorer: FactorySpec = { ...spec, tenants: ['Users', 'Own'] };

  it('are translated through the hidden column (trap 47), all rows being deleted only if no tenant stays', () => {
    const result = plan(spec, { scope: { espaces: ['App'] } });
    expect(columnOf(result, 'App.Note', '(tenant)').treatment).toMatchObject({
      kind: 'reference',
      node: result.nodes.find((node) => node.kind === 'tenant')?.node,
    });
    expect(result.deletions[0]?.filter).toEqual({ kind: 'all' });
    const other = plan(spec, { scope: { espaces: ['App'] } }, { destinationSpec: poorer });
    expect(other.deletions[0]?.filter).toEqual({ kind: 'tenants', column: 'TENANT_ID', ids: [501] });
  });

  it('that the destination lacks stop the plan or stay behind', () => {
    const facts = {
      destinationSpec: poorer,
      source: { columns: { 'App.Note.(tenant)': { tenants: [{ id: 2, rows: 8 }] } } },
    };
    expect(codes(plan(spec, { scope: { espaces: ['App'] } }, facts), 'blocking')).toContain(
      'TENANT_MISSING App.Note.(tenant)',
    );
    const excluded = plan(spec, { scope: { espaces: ['App'] }, tenants: 'exclude' }, { destinationSpec: poorer });
    expect(entityOf(excluded, 'App.Note').tenantFilter).toEqual({ column: 'TENANT_ID', sourceIds: [1] });
  });

  it('that are excluded leave their process trees behind too', () => {
    const modules = { App: { processes: ['Approve'], entities: { Note: {} } } };
    const scope = { espaces: ['App'] };
    const excluded = plan(
      { ...spec, modules },
      { scope, tenants: 'exclude' },
      { destinationSpec: { ...poorer, modules } },
    );
    expect(excluded.processes?.topTenantIds).toEqual([1]);
    expect(plan({ ...spec, modules }, { scope, tenants: 'exclude' }).processes?.topTenantIds).toBeNull();
  });
});
