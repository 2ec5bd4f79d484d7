import { describe, expect, it } from 'vitest';
import { ownTable, tableKey } from '../../../src/factory/factory.js';
import { parseConfigurationText } from '../../../src/config.js';
import { buildPlan } from '../../../src/plan/buildPlan.js';
import type { RefreshPlan } from '../../../src/plan/refreshPlan.js';
import type { DestinationRights, TableRights } from '../../../src/survey/facts.js';
import { allRights, configuration, factsOf, request } from './facts.js';
import { factoryOf, type FactorySpec } from './specFactory.js';
import { findingsOf, messageOf } from './planFor.js';

const spec: FactorySpec = {
  modules: { App: { processes: ['Approve'], entities: { Item: { events: true }, Note: {} } } },
  applications: { App: ['App'] },
};
const everything = allRights(factoryOf(spec, 'destination'));
const nothing: TableRights = { select: false, insert: false, update: false, delete: false, alter: false };
const events = tableKey(ownTable('OSEVT_q_App_Item'));

/** All rights but those on the tables whose key matches. */
function without(
  pattern: RegExp,
  right: Partial<TableRights>,
  more: Partial<DestinationRights> = {},
): DestinationRights {
  const tables = Object.entries(everything.tables).map(([key, rights]): [string, TableRights] => [
    key,
    pattern.test(key) ? { ...rights, ...right } : rights,
  ]);
  return { ...everything, ...more, tables: Object.fromEntries(tables) };
}

function planWith(rights: DestinationRights, wanted: object = {}, destination: object = {}): RefreshPlan {
  const asked = request({ scope: { applications: ['App'] }, ...wanted });
  const facts = factsOf(spec, asked, { destination: { rights, ...destination } });
  return buildPlan(asked, configuration, facts.source, facts.destination);
}

describe('the level of rights', () => {
  it('is the same for the same login, whatever the request needs of it', () => {
    expect(planWith(everything).rights).toBe('full');
    const noDdl = { createTable: false, createSchema: false, schemaExists: true };
    const state = { '.refresh.run': { ...nothing, select: true, insert: true, update: true, delete: true } };
    const writer = without(/./, { alter: false }, noDdl);
    expect(planWith({ ...writer, tables: { ...writer.tables, ...state } }).rights).toBe('dataWriter');
    const cloud = without(/ossys/, { insert: false, update: false, delete: false, alter: false });
    for (const wanted of [{}, { users: { mode: 'matchOnly' }, processes: { migrate: false } }]) {
      expect(planWith(cloud, wanted).rights).toBe('applicationTables');
    }
  });

  it('is not full where users and groups may not be given keys, even if no other table is written', () => {
    for (const table of [/ossys_user$/, /ossys_group$/])
      expect(planWith(without(table, { alter: false })).rights).toBe('dataWriter');
  });

  it('names no loss that the request did not ask for', () => {
    const cloud = without(/ossys/, { insert: false, update: false, delete: false, alter: false });
    expect(findingsOf(planWith(cloud), 'warning')).toEqual(
      expect.arrayContaining(['RIGHTS_NO_USERS users', 'RIGHTS_NO_PROCESSES processes']),
    );
    const modest = planWith(cloud, { users: { mode: 'matchOnly' }, processes: { migrate: false } });
    expect(findingsOf(modest, 'warning').filter((each) => each.startsWith('RIGHTS_NO'))).toEqual([]);
  });

  it('leaves timers as they are where they may not be written, and says so (trap 77)', () => {
    const facts = factoryOf(spec, 'destination');
    const timers = tableKey(ownTable('OSSYS_CYCLIC_JOB'));
    const items = facts.tables[tableKey(ownTable('OSUSR_q_App_Note'))];
    if (items === undefined) throw new Error('the sample has no notes');
    const asked = request({ scope: { applications: ['App'] }, timers: 'shift' });
    const made = factsOf(spec, asked, {
      destinationTables: { [timers]: { ...items, name: ownTable('OSSYS_CYCLIC_JOB') } },
      destination: {
        rights: { ...everything, tables: { ...everything.tables, [timers]: { ...nothing, select: true } } },
      },
    });
    const plan = buildPlan(asked, configuration, made.source, made.destination);
    expect(plan.request.timers).toBe('leave');
    expect(findingsOf(plan, 'warning')).toContain('RIGHTS_TIMERS timers');
  });
});

describe('an event table that the login may not empty', () => {
  const readOnly = without(/osevt/, { insert: false, update: false, delete: false });
  const subscriptions = { [events]: { inserts: 2, updates: 1 } };

  it('blocks the plan with the forecast of what loading would queue, unless it is empty', () => {
    const plan = planWith(readOnly, {}, { subscriptions });
    expect(findingsOf(plan, 'blocking')).toEqual(['RIGHTS_EVENT_TABLE App.Item']);
    expect(messageOf(plan, 'RIGHTS_EVENT_TABLE')).toContain('loading 10 rows raises up to 20 events');
    const empty = planWith(readOnly, {}, { subscriptions: { [events]: { inserts: 0, updates: 0 } } });
    expect(findingsOf(empty, 'blocking')).toEqual([]);
    expect(empty.eventTables).toEqual([]);
  });

  it('is let be for an entity that the request names', () => {
    const plan = planWith(readOnly, { entities: { 'App.Item': { events: 'queue' } } }, { subscriptions });
    expect(findingsOf(plan, 'blocking')).toEqual([]);
    expect(findingsOf(plan, 'warning')).toContain('RIGHTS_EVENTS_QUEUED App.Item');
    expect(plan.queues.mayRemove).toBe(true);
  });

  it('and not even read blocks too: nobody knows what it would start', () => {
    const blind = planWith(without(/osevt/, nothing), {}, { subscriptions: { [events]: null } });
    expect(messageOf(blind, 'RIGHTS_EVENT_TABLE')).toContain('may not read OSEVT_q_App_Item');
  });
});

describe('the state of a run', () => {
  it('needs a schema that the login may fill, or that somebody has filled', () => {
    const poor = { ...everything, createTable: false, createSchema: false };
    expect(findingsOf(planWith(poor), 'blocking')).toEqual(['RIGHTS_STATE_SCHEMA refresh']);
    const foreign = {
      ...poor,
      schemaExists: true,
      tables: { ...poor.tables, '.refresh.run': { ...nothing, select: true } },
    };
    expect(findingsOf(planWith(foreign), 'blocking')).toEqual(['RIGHTS_STATE_SCHEMA refresh']);
  });

  it('is refused in a module that is not there, before the run is started', () => {
    const elsewhere = parseConfigurationText(
      `environments:
  production: { purpose: production, server: a, database: p, user: u, password: x }
  qa: { purpose: non-production, server: b, database: q, user: u, password: x, state: { espace: RefreshState } }`,
      {},
    );
    const asked = request({ scope: { applications: ['App'] } });
    const facts = factsOf(spec, asked);
    const plan = buildPlan(asked, elsewhere, facts.source, facts.destination);
    expect(findingsOf(plan, 'blocking')).toEqual(['STATE_MODULE RefreshState']);
  });
});
