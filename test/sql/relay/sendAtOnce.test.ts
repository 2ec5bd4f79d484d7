import { Socket } from 'node:net';
import { expect, it, vi } from 'vitest';
import { DestinationSession, SourceSession } from '../../../src/sqlserver/session.js';
import { testServer, useDatabase } from '../../support/sqlServer.js';

const database = useDatabase();

it.each([SourceSession, DestinationSession])(
  'a %o holds no part of a request back until the server has confirmed another',
  async (Kind) => {
    const noDelay = vi.spyOn(Socket.prototype, 'setNoDelay');
    const session = await Kind.open({
      ...testServer(),
      database: database.name,
      encrypt: true,
      trustServerCertificate: true,
      readOnlyIntent: false,
    });
    session.close();
    expect(noDelay.mock.calls).toEqual([[true]]);
    noDelay.mockRestore();
  },
);
