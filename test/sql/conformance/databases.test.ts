import { afterEach, describe, expect, it } from 'vitest';
import { asAdministrator, createDatabase, uniqueName, type TestDatabase } from '../../support/sqlServer.js';

const databases: TestDatabase[] = [];

afterEach(async () => {
  for (const database of databases.splice(0)) await database.drop();
});

describe('CREATE DATABASE (Transact-SQL)', () => {
  it('may be run by several sessions at once', async () => {
    databases.push(...(await Promise.all(Array.from({ length: 4 }, () => createDatabase()))));
    const ids = new Set<unknown>();
    for (const database of databases) ids.add(await (await database.connect()).value('SELECT DB_ID()'));
    expect(ids.size).toBe(4);
  });
});

describe('CREATE LOGIN (Transact-SQL)', () => {
  it('may be run by several sessions at once; of those that give one name one succeeds, and the others get 15025', async () => {
    const ofOneName = uniqueName('login');
    const names = Array.from({ length: 4 }, () => uniqueName('login'));
    const create = (name: string): Promise<void> =>
      asAdministrator(`CREATE LOGIN [${name}] WITH PASSWORD = N'Pass-w0rd!', CHECK_POLICY = OFF`);
    await Promise.all(names.map(create));
    const twice = await Promise.allSettled([create(ofOneName), create(ofOneName), create(ofOneName)]);
    const refused = twice.flatMap((each) => (each.status === 'rejected' ? [each.reason as { number: number }] : []));
    expect(refused.map(({ number }) => number)).toEqual([15025, 15025]);
    await asAdministrator(...[...names, ofOneName].map((name) => `DROP LOGIN [${name}]`));
  });
});
