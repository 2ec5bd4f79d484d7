import { describe, expect, it } from 'vitest';
import { factsOf, request } from './facts.js';
import type { FactorySpec } from './specFactory.js';
import { columnOf, entityOf, findingsOf as codes, nodeNameOf as nameOf, planFor as plan } from './planFor.js';

describe('processes', () => {
  const spec: FactorySpec = {
    modules: {
      App: {
        processes: ['Approve'],
        entities: {
          Order: { attributes: { Name: {} } },
          Approval: { attributes: { ProcessId: { to: 'ServiceCenter.Process', rule: 'Ignore', notNull: true } } },
        },
      },
    },
    applications: { App: ['App'] },
  };
  const approve = factsOf(spec, request({ scope: { applications: ['App'] } })).source.factory.processes.definitions[0];
  const definitionId = approve?.id ?? 0;
  const orderType = 'btk-app*e-order';
  const processFacts = { values: [{ topDefinitionId: definitionId, ssType: orderType }] };

  it('move as whole trees after the entities their values name, before the entities that name them (trap 32)', () => {
    const result = plan(spec, { scope: { applications: ['App'] } }, processFacts);
    const order = result.entities.map((entity) => nameOf(result, entity.node));
    expect(order.indexOf('Platform.OSSYS_BPM_PROCESS_INPUT')).toBeGreaterThan(order.indexOf('App.Order'));
    expect(order.indexOf('App.Approval')).toBeGreaterThan(order.indexOf('Platform.OSSYS_BPM_PROCESS'));
    expect(entityOf(result, 'App.Approval').stage).toBe('migrateProcesses');
    expect(entityOf(result, 'App.Order').stage).toBe('migrateEntities');
    expect(result.processes).toMatchObject({ topDefinitionIds: [definitionId], topStatusIds: null });
    expect(result.processes?.valueTypes).toEqual([{ ssType: orderType, node: entityOf(result, 'App.Order').node }]);
  });

  it('set their references to one another later and leave run state behind (traps 31, 69, 70, 72)', () => {
    const result = plan(spec, { scope: { applications: ['App'] } });
    for (const attribute of ['TOP_PROCESS_ID', 'PARENT_PROCESS_ID', 'PARENT_ACTIVITY_ID']) {
      expect(columnOf(result, 'Platform.OSSYS_BPM_PROCESS', attribute).treatment).toMatchObject({
        kind: 'reference',
        deferred: true,
      });
    }
    expect(columnOf(result, 'Platform.OSSYS_BPM_ACTIVITY', 'PROCESS_ID').treatment).toMatchObject({
      kind: 'reference',
      deferred: false,
    });
    expect(columnOf(result, 'Platform.OSSYS_BPM_ACTIVITY', 'IS_RUNNING_SINCE').treatment).toEqual({
      kind: 'constant',
      value: 'nullDate',
    });
    expect(columnOf(result, 'Platform.OSSYS_BPM_ACTIVITY', 'NEXT_RUN').treatment).toEqual({
      kind: 'nextRun',
      policy: 'hold',
    });
  });

  it('are deleted leaves first, with the links among them emptied (trap 83)', () => {
    const result = plan(spec, { scope: { applications: ['App'] } });
    const order = result.deletions.map((deletion) => deletion.name);
    const at = (table: string): number => order.indexOf(`Platform.${table}`);
    expect(at('OSSYS_BPM_ACTIVITY_OUTPUT')).toBeLessThan(at('OSSYS_BPM_ACTIVITY'));
    expect(at('OSSYS_BPM_ACTIVITY')).toBeLessThan(at('OSSYS_BPM_PROCESS'));
    expect(result.deletions.find((deletion) => deletion.name === 'Platform.OSSYS_BPM_PROCESS')).toMatchObject({
      clearFirst: ['PARENT_ACTIVITY_ID', 'PARENT_PROCESS_ID', 'TOP_PROCESS_ID'],
      filter: { kind: 'processes', path: 'own' },
    });
  });

  it('whose definition the destination lacks stay behind, and a value of unknown type is never copied as it is (traps 27, 67)', () => {
    const poorer: FactorySpec = { ...spec, modules: { App: { ...spec.modules['App'], processes: ['Another'] } } };
    const result = plan(
      spec,
      { scope: { applications: ['App'] } },
      {
        destinationSpec: poorer,
        source: {
          processes: { trees: 3, treesLeftBehind: 3, usedDefinitionIds: [definitionId], usedActivityDefinitionIds: [] },
        },
      },
    );
    expect(result.processes).toMatchObject({ topDefinitionIds: [], missingProcessDefinitionIds: [definitionId] });
    expect(codes(result, 'warning')).toContain('PROCESS_DEFINITION_MISSING Approve');
    const unknown = plan(
      spec,
      { scope: { applications: ['App'] } },
      { values: [{ topDefinitionId: definitionId, ssType: 'btgone*gone' }] },
    );
    expect(unknown.nodes[unknown.processes?.valueTypes[0]?.node ?? -1]?.origin).toBe('unavailable');
  });
});
