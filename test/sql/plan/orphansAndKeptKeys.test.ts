import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { autoNumber, entity, module, reference, simple, text } from '../../../sandbox/factories/define.js';
import { processInstance, serviceCenter, users } from '../../../sandbox/factories/modules/serviceCenter.js';
import { planRefresh } from '../../../src/plan/planRefresh.js';
import { parseRequest } from '../../../src/request.js';
import { preparedEnvironments, type PreparedEnvironments } from '../../support/preparedEnvironments.js';

const code = text('Code', 60, { mandatory: true });
const few = { share: 0, minimum: 4, qaMinimum: 4 };

let environments: PreparedEnvironments;

beforeAll(async () => {
  const modules = [
    module('App', {
      entities: [
        entity('Note', {
          marker: 'Code',
          scale: few,
          attributes: [
            autoNumber(),
            code,
            // No row of production has this identifier.
            reference('ProcessId', processInstance, 'Ignore', { value: () => 700_000_001 }),
          ],
        }),
        entity('Country', {
          marker: 'Code',
          scale: few,
          attributes: [simple('Id', 'integer', { mandatory: true }), code],
        }),
      ],
    }),
  ];
  const tenants = [
    { name: 'ServiceCenter', provider: 'ServiceCenter' },
    { name: 'Users', provider: 'Users' },
  ];
  environments = await preparedEnvironments({
    model: { modules: [serviceCenter, users, ...modules], applications: [], solutions: [], tenants },
    rows: 20,
    scheduler: false,
  });
});

afterAll(async () => {
  await environments?.drop();
});

async function codesOf(options: Record<string, unknown>): Promise<string[]> {
  const request = parseRequest({ source: 'production', destination: 'qa', ...options });
  const { plan } = await planRefresh(environments.configuration, request);
  return plan.findings.filter((each) => each.severity !== 'info').map((each) => `${each.code} ${each.subject}`);
}

describe('a reference to what nothing is mapped of', () => {
  it('that leads to nothing in the source either is an orphan, and not unmapped', async () => {
    const codes = await codesOf({ scope: { entities: ['App.Note'] }, unmapped: 'fail', orphans: 'setNull' });
    expect(codes).toContain('ORPHANS_FOUND App.Note.ProcessId');
    expect(codes.filter((each) => each.startsWith('REFERENCE_UNMAPPED'))).toEqual([]);
  });
});

describe('keys that carry a meaning', () => {
  it('are compared with those of rows that stay, where rows are matched by another attribute', async () => {
    const codes = await codesOf({
      scope: { entities: ['App.Country'] },
      destinationData: 'keep',
      entities: { 'App.Country': { match: ['Code'] } },
    });
    expect(codes.filter((each) => each.startsWith('UNIQUE_CONFLICT App.Country.'))).toHaveLength(1);
  });
});
