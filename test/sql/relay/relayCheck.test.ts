import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { relayWorks } from '../../../src/migrate/migrateEntities/relayCheck.js';
import { DestinationSession, SourceSession } from '../../../src/sqlserver/session.js';
import { testServer, useDatabase } from '../../support/sqlServer.js';

const database = useDatabase();
let source: SourceSession;
let destination: DestinationSession;

beforeAll(async () => {
  const settings = {
    ...testServer(),
    database: database.name,
    encrypt: true,
    trustServerCertificate: true,
    readOnlyIntent: false,
  };
  source = await SourceSession.open(settings);
  destination = await DestinationSession.open(settings);
});

afterAll(() => {
  source?.close();
  destination?.close();
});

describe('the trial of the relay', () => {
  it('comes through unchanged on this server', async () => {
    expect(await relayWorks(source, destination)).toBe(true);
  });
});
