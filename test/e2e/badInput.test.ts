import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { randomUUID } from 'node:crypto';
import { freePort } from '../../sandbox/freePort.js';
import { passwords } from '../sql/factories/support.js';
import { preparedEnvironments, type PreparedEnvironments } from '../support/preparedEnvironments.js';
import { rawDifferences, readRawTables, type RawTables } from '../support/rawTables.js';
import type { ProgramResult } from '../support/commandHere.js';
import { RefreshRig } from '../support/refreshRig.js';

const good = { source: 'production', destination: 'qa', scope: { applications: ['Recruiting'] } };

let environments: PreparedEnvironments;
let rig: RefreshRig;
let before: RawTables;

beforeAll(async () => {
  const prepared = await preparedEnvironments({ rows: 60, scheduler: false });
  environments = { ...prepared, configurationText: await withBadEnvironments(prepared.configurationText) };
  rig = await RefreshRig.start(environments);
  before = await readRawTables(environments.qa, () => false);
});

afterAll(async () => {
  await rig?.stop();
  await environments?.drop();
});

/** The two good environments and, under other names, the same with one mistake each. */
async function withBadEnvironments(text: string): Promise<string> {
  const configuration = parse(text) as { environments: { production: object; qa: object } };
  const { production, qa } = configuration.environments;
  return stringify({
    ...configuration,
    environments: {
      production,
      qa,
      wrongPassword: { ...production, password: 'Wr0ng-secret!' },
      unknownDatabase: { ...production, database: 'nowhere' },
      unreachable: { ...production, port: await freePort() },
      wrongPasswordQa: { ...qa, password: 'Wr0ng-secret!' },
      productionAgain: { ...production, purpose: 'non-production', server: 'localhost' },
      qaWriter: { ...qa, user: 'qa_writer', password: passwords.qa_writer },
    },
  });
}

interface BadInput {
  readonly given: string;
  readonly request: object | string;
  /** What is wrong and where, and what to do, in the message. */
  readonly says: readonly (string | RegExp)[];
}

const cases: readonly BadInput[] = [
  {
    given: 'an environment that the configuration lacks',
    request: { ...good, source: 'prodution' },
    says: ['no environment named prodution (nearest: production', 'Use one of: production, qa'],
  },
  {
    given: 'an unknown application',
    request: { ...good, scope: { applications: ['Recruting'] } },
    says: ['application Recruting does not exist in the source (nearest: Recruiting', /Correct/],
  },
  {
    given: 'an unknown entity',
    request: { ...good, scope: { entities: ['People.Persn'] } },
    says: [/People\.Persn does not exist in the source \(nearest: .*People\.Person/, /Correct/],
  },
  {
    given: 'an unknown key',
    request: { ...good, destinationDatta: 'keep' },
    says: ['The request is not valid: destinationDatta: unknown key', 'destinationData', 'Correct the request'],
  },
  {
    given: 'a request that does not parse',
    request: 'source: [production\ndestination: qa\n',
    says: [/The request is not valid: line \d+, column \d+/, 'Correct the request'],
  },
  {
    given: 'a server that does not answer',
    request: { ...good, source: 'unreachable' },
    says: [
      'environment unreachable cannot be read',
      'no SQL Server answers at that address',
      'Check `server` and `port` of environments.unreachable',
    ],
  },
  {
    given: 'a wrong password of the source',
    request: { ...good, source: 'wrongPassword' },
    says: ['environment wrongPassword cannot be read', 'login prod_reader', 'Check user and password'],
  },
  {
    given: 'a wrong password of the destination',
    request: { ...good, destination: 'wrongPasswordQa' },
    says: ['environment wrongPasswordQa cannot be read', 'login qa_refresh', 'Check user and password'],
  },
  {
    given: 'an unknown database',
    request: { ...good, source: 'unknownDatabase' },
    says: [
      'environment unknownDatabase cannot be read',
      'database nowhere',
      'Check `database` of environments.unknownDatabase',
    ],
  },
  {
    given: 'source and destination swapped',
    request: { ...good, source: 'qa', destination: 'production' },
    says: ['The destination production is a production environment', 'Swap source and destination'],
  },
  {
    given: 'two names for one database',
    request: { ...good, destination: 'productionAgain' },
    says: ['production and productionAgain are one and the same database', 'Correct the server or database'],
  },
];

type Run = (...args: readonly string[]) => Promise<ProgramResult>;

/** `refresh plan` and `refresh start --wait` of the same request. */
async function planAndStart(
  request: object | string,
  run: Run = (...args) => rig.command(...args),
): Promise<readonly [string, ProgramResult][]> {
  const text = typeof request === 'string' ? request : JSON.stringify(request);
  const file = await rig.file(`${randomUUID()}.yaml`, text);
  const start = ['start', '-f', file, '--id', `bad-${randomUUID()}`, '--wait', '--approve', 'all', '--confirm', 'all'];
  const planned = await run('plan', '-f', file);
  return [
    ['plan', planned],
    ['start', await run(...start)],
  ];
}

/** One message, without stack and secrets, that promises no other attempt. */
function expectRefused(command: string, result: ProgramResult, says: readonly (string | RegExp)[]): void {
  const text = `${result.output}${result.errors}`;
  expect(result.exitCode, `${command}: ${text}`).toBe(2);
  for (const each of says) {
    if (typeof each === 'string') expect(text, command).toContain(each);
    else expect(text, command).toMatch(each);
  }
  expect(text.match(/^refresh: |^This plan cannot run/gm), `${command}: ${text}`).toHaveLength(1);
  expect(text).not.toMatch(/^\s+at .*:\d+|tried again|Wr0ng-secret|Read-0nly|Refresh-1/m);
}

async function expectNothingWritten(since: RawTables): Promise<void> {
  const { recordset } = await environments.qa
    .request()
    .query<{ n: number }>("SELECT COUNT(*) AS n FROM sys.schemas WHERE name = N'refresh'");
  expect(Number(recordset[0]?.n)).toBe(0);
  expect(rawDifferences(since, await readRawTables(environments.qa, () => false))).toEqual([]);
}

describe('plan and start end with one message and exit code 2 for', () => {
  it.each(cases)('$given', async ({ request, says }) => {
    for (const [command, result] of await planAndStart(request)) expectRefused(command, result, says);
  });

  it('a wrong password, as processes that end by themselves', async () => {
    const results = await planAndStart({ ...good, source: 'wrongPassword' }, (...args) => rig.program(...args));
    for (const [command, result] of results) expectRefused(command, result, ['login prod_reader']);
  });

  it('a configuration that does not parse or lacks a variable', async () => {
    const file = await rig.file('request.yaml', JSON.stringify(good));
    const broken = await rig.file('broken.yaml', 'environments: { qa: {');
    const incomplete = await rig.file(
      'incomplete.yaml',
      environments.configurationText.replace('QA_PASSWORD', 'QA_PASSWORT'),
    );
    for (const command of [['plan'], ['start', '--wait', '--id', 'bad-configuration']]) {
      const run = (configuration: string) => rig.command(...command, '-f', file, '--config', configuration);
      expectRefused(command[0]!, await run(broken), [
        /The configuration is not valid: line \d+/,
        'Correct the configuration',
      ]);
      expectRefused(command[0]!, await run(incomplete), [
        'qa.password needs the variable QA_PASSWORT',
        'Set QA_PASSWORT',
      ]);
    }
  });

  it('and none of them writes anything', async () => {
    await expectNothingWritten(before);
  });
});

describe('plan and start end with exit code 2 before anything is written when the destination lacks', () => {
  it('a permission', async () => {
    const { tables } = environments.factories.qa;
    await environments.qa.request().batch(`REVOKE INSERT ON [dbo].[${tables['Recruiting.Note']}] FROM [qa_writer]`);
    for (const [command, result] of await planAndStart({ ...good, destination: 'qaWriter' }))
      expectRefused(command, result, [
        'RIGHTS_MISSING',
        tables['Recruiting.Note']!,
        'Give the destination login INSERT',
      ]);
    await expectNothingWritten(before);
  });

  it('a column or a table', async () => {
    const { tables } = environments.factories.qa;
    await dropColumn(tables['Recruiting.Note']!, 'PINNED');
    await environments.qa.request().batch(`DROP TABLE [dbo].[${tables['Organization.AccessToken']}]`);
    const changed = await readRawTables(environments.qa, () => false);
    for (const [command, result] of await planAndStart(good)) {
      expectRefused(command, result, ['Recruiting.Note.Pinned', 'Organization.AccessToken', /Publish/]);
    }
    await expectNothingWritten(changed);
  });
});

async function dropColumn(table: string, column: string): Promise<void> {
  const { recordset } = await environments.qa.request().query<{ name: string }>(
    `SELECT d.name FROM sys.default_constraints d INNER JOIN sys.columns c ON c.object_id = d.parent_object_id AND c.column_id = d.parent_column_id
     WHERE d.parent_object_id = OBJECT_ID(N'${table}') AND c.name = N'${column}'`,
  );
  for (const { name } of recordset)
    await environments.qa.request().batch(`ALTER TABLE [dbo].[${table}] DROP CONSTRAINT [${name}]`);
  await environments.qa.request().batch(`ALTER TABLE [dbo].[${table}] DROP COLUMN [${column}]`);
}
