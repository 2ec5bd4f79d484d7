import { describe, expect, it } from 'vitest';
import { ownTable, tableKey } from '../../../src/factory/factory.js';
import { assertRunnable } from '../../../src/plan/findings.js';
import type { PlannedEventTable, RefreshPlan } from '../../../src/plan/refreshPlan.js';
import type { WaitingCount } from '../../../src/survey/facts.js';
import { allRights, type FactOverrides } from './facts.js';
import { factoryOf, type FactorySpec } from './specFactory.js';
import { findingsOf, messageOf, nodeNameOf, planFor } from './planFor.js';

const order = {
  events: true,
  attributes: {
    KindId: { to: 'Shop.Kind' },
    CustomerId: { to: 'Shop.Customer' },
    SellerId: { to: 'ServiceCenter.User' },
  },
} as const;
const spec: FactorySpec = {
  modules: {
    App: { processes: ['Approve'], entities: { Item: { events: true } } },
    Shop: { entities: { Kind: { records: { Retail: 1 } }, Customer: { attributes: { Name: {} } }, Order: order } },
  },
  applications: { App: ['App'], Shop: ['Shop'] },
};
const scope = { scope: { applications: ['App'] } };
const here = tableKey(ownTable('OSEVT_p_Shop_Order'));
const there = tableKey(ownTable('OSEVT_q_Shop_Order'));

function waiting(rows: number, forOneRecord = 0): Record<string, WaitingCount | null> {
  return { [here]: { rows, forOneRecord } };
}

function planned(overrides: FactOverrides, wanted: object = {}): RefreshPlan {
  return planFor(spec, { ...scope, ...wanted }, overrides);
}

function orderEvents(plan: RefreshPlan): PlannedEventTable | undefined {
  return plan.eventTables.find((table) => table.name === 'Shop.Order');
}

describe('an event table', () => {
  it('holds the key in a column of its own name, whatever the entity’s is called', () => {
    const coded: FactorySpec = {
      modules: { App: { processes: ['Approve'], entities: { Item: { events: true, id: 'text', idColumn: 'CODE' } } } },
      applications: { App: ['App'] },
    };
    const plan = planFor(coded, scope);
    const row = plan.eventTables[0]?.columns.find(({ destination }) => destination === 'ID');
    expect(row?.kind).toBe('key');
    expect(nodeNameOf(plan, row?.node ?? -1)).toBe('App.Item');
  });
});

describe('the event table of an entity outside the scope', () => {
  it('is planned only where activities that move or are deleted use it (trap 66)', () => {
    expect(orderEvents(planned({}))).toBeUndefined();
    const none = { source: { waiting: waiting(0) }, destination: { leaving: { [there]: 0 } } };
    expect(orderEvents(planned(none))).toBeUndefined();
    const moving = orderEvents(planned({ source: { waiting: waiting(3) } }));
    expect(moving).toMatchObject({ outsideScope: true, translateActivityRows: true });
    const leaving = orderEvents(planned({ destination: { leaving: { [there]: 2 } } }));
    expect(leaving).toMatchObject({ outsideScope: true, translateActivityRows: false });
  });

  it('leaves those of entities that move as they are', () => {
    const plan = planned({ source: { waiting: waiting(3) } });
    const item = plan.eventTables.find((table) => table.name === 'App.Item');
    expect(item).toMatchObject({ outsideScope: false, translateActivityRows: true });
    expect(plan.eventTables.filter((table) => table.name === 'App.Item')).toHaveLength(1);
  });

  it('translates the filters whose records have an image, and knows those that have none', () => {
    const plan = planned({ source: { waiting: waiting(3, 1) } });
    const filters = (orderEvents(plan)?.columns ?? []).flatMap(({ destination, kind, node }) =>
      (kind === 'key' || kind === 'reference') && node !== null
        ? [`${destination} ${nodeNameOf(plan, node)} ${plan.nodes[node]?.origin}`]
        : [],
    );
    expect(filters).toEqual([
      'ID Shop.Order unavailable',
      'KINDID Shop.Kind matched',
      'CUSTOMERID Shop.Customer unavailable',
      'SELLERID ServiceCenter.User matched',
    ]);
    expect(findingsOf(plan, 'warning')).toContain('SUBSCRIPTIONS_DROPPED Shop.Order');
    expect(messageOf(plan, 'SUBSCRIPTIONS_DROPPED')).toContain('1 activities that move wait');
    expect(() => assertRunnable(plan)).not.toThrow();
  });

  it('has its rows matched as the request says, though no entity that moves refers to them', () => {
    const entities = { 'Shop.Order': { match: ['KindId'] }, 'Shop.Customer': { match: ['Name'] } };
    const plan = planned({ source: { waiting: waiting(3, 1) } }, { producers: 'matchOnly', entities });
    const origins = Object.fromEntries(plan.nodes.map((node) => [node.entity, node.origin]));
    expect(origins).toMatchObject({ Order: 'matched', Customer: 'matched' });
    expect(findingsOf(plan)).not.toContain('SUBSCRIPTIONS_DROPPED Shop.Order');
  });

  it('never lets a filter go that the destination lacks: such a subscription would mean more there', () => {
    const { SellerId: _seller, ...fewer } = order.attributes;
    const entities = { ...spec.modules['Shop']?.entities, Order: { ...order, attributes: fewer } };
    const destinationSpec = { ...spec, modules: { ...spec.modules, Shop: { entities } } };
    const table = orderEvents(planned({ source: { waiting: waiting(3) }, destinationSpec }));
    expect(table?.onlyInSource?.map(({ column }) => column)).toEqual(['SELLERID']);
    expect(orderEvents(planned({ source: { waiting: waiting(3) } }))?.onlyInSource).toBeUndefined();
  });

  it('is let be, and the loss told, where a login may not read or write it', () => {
    const rights = allRights(factoryOf(spec, 'destination'));
    const readOnly = { select: true, insert: false, update: false, delete: false, alter: false };
    const poor = { ...rights, tables: { ...rights.tables, [there]: readOnly } };
    const refused = planned({
      source: { waiting: waiting(3) },
      destination: { rights: poor, leaving: { [there]: 2 } },
    });
    expect(orderEvents(refused)).toBeUndefined();
    expect(findingsOf(refused, 'warning')).toContain('RIGHTS_SUBSCRIPTIONS Shop.Order');
    expect(messageOf(refused, 'RIGHTS_SUBSCRIPTIONS')).toContain(
      '3 subscriptions of activities that move are left out',
    );
    expect(() => assertRunnable(refused)).not.toThrow();
    const unread = planned({ source: { waiting: { [here]: null } }, destination: { leaving: { [there]: 2 } } });
    expect(messageOf(unread, 'RIGHTS_SUBSCRIPTIONS')).toContain('source login may not read OSEVT_p_Shop_Order');
    expect(orderEvents(unread)).toMatchObject({ translateActivityRows: false });
    const blind = planned({ source: { waiting: waiting(3) }, destination: { leaving: { [there]: null } } });
    expect(orderEvents(blind)).toBeUndefined();
    expect(messageOf(blind, 'RIGHTS_SUBSCRIPTIONS')).toContain('destination login may not read OSEVT_q_Shop_Order');
  });

  it('is missed where the destination has none', () => {
    const entities = { ...spec.modules['Shop']?.entities, Order: { ...order, events: false } };
    const destinationSpec = { ...spec, modules: { ...spec.modules, Shop: { entities } } };
    const plan = planned({ source: { waiting: waiting(3) }, destinationSpec });
    expect(findingsOf(plan, 'warning')).toContain('EVENT_TABLE_MISSING Shop.Order');
    expect(orderEvents(plan)).toBeUndefined();
  });
});
