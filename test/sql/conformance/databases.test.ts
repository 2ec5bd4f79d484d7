import { afterEach, describe, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../../support/sqlServer.js';

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
