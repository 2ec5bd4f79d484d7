import type { PostgresConnection, PostgresEndpoint } from '../postgres/connection.js';
import type { CatalogStore } from './catalog/catalogStore.js';
import { ApplicationLocks } from './locks/applicationLocks.js';
import { DeadlockMonitor } from './locks/deadlockMonitor.js';
import { ParseCache } from './interpreter/parseCache.js';
import { TranslationCache } from './interpreter/translationCache.js';
import { IdleConnections } from './session/idleConnections.js';
import type { Session } from './session/session.js';

/** What the sessions of a server share. */
export class EngineCore {
  readonly sessions = new Map<number, Session>();
  readonly applicationLocks = new ApplicationLocks();
  readonly parses = new ParseCache();
  readonly translations = new TranslationCache();
  readonly deadlocks: DeadlockMonitor;
  readonly connections: IdleConnections;
  private lastSpid = 50;

  constructor(
    readonly store: CatalogStore,
    endpoint: PostgresEndpoint,
    postgresDatabase: string,
    /** For the engine's own work outside of sessions. */
    readonly connection: PostgresConnection,
    readonly serverName: string,
  ) {
    this.connections = new IdleConnections(endpoint, postgresDatabase);
    this.deadlocks = new DeadlockMonitor(this.sessions, connection);
  }

  /** Numbers from 51 on, as for user sessions; the smallest that is free. */
  takeSpid(): number {
    let spid = this.lastSpid + 1;
    if (spid > 32_000) spid = 51;
    while (this.sessions.has(spid)) spid += 1;
    this.lastSpid = spid;
    return spid;
  }
}
