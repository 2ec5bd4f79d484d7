import { SqlError, type Engine, type EngineSession, type LoginRequest } from './api.js';
import { PostgresConnection, type PostgresEndpoint } from '../postgres/connection.js';
import { supportFunctionsSql } from '../postgres/supportFunctions.js';
import { openCatalog } from './catalog/bootstrap.js';
import { CatalogView } from './catalog/catalogView.js';
import { quotePostgresText } from './catalog/names.js';
import { runtimeFunctionsSql } from './catalog/runtimeFunctions.js';
import { EngineCore } from './engineCore.js';
import { userIn } from './rights/access.js';
import { isPassword } from './rights/passwords.js';
import { ClientSession } from './session/clientSession.js';
import { Session } from './session/session.js';

export interface EngineOptions {
  readonly postgres: PostgresEndpoint;
  /** Password of sa, set at every start. */
  readonly password: string;
  /** @@SERVERNAME. */
  readonly serverName: string;
}

const postgresDatabase = 'sqlserver';

/** Opens the T-SQL engine on a running PostgreSQL server, creating what it needs there. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  await createPostgresDatabase(options.postgres);
  const connection = await PostgresConnection.open(options.postgres, postgresDatabase, 'sandbox engine');
  await connection.execute(await supportFunctionsSql());
  const store = await openCatalog(connection, options.password);
  await connection.execute(await runtimeFunctionsSql());
  const core = new EngineCore(store, options.postgres, postgresDatabase, connection, options.serverName);
  const clients = new Set<ClientSession>();
  return {
    login: async (request) => {
      const session = await login(core, request);
      clients.add(session);
      return session;
    },
    close: async () => {
      core.deadlocks.close();
      await Promise.all([...clients].map((client) => client.close()));
      core.connections.close();
      connection.close();
    },
  };
}

async function createPostgresDatabase(endpoint: PostgresEndpoint): Promise<void> {
  const connection = await PostgresConnection.open(endpoint, 'postgres', 'sandbox engine');
  try {
    const present = await connection.rows('select 1 from pg_database where datname = $1', [postgresDatabase]);
    if (present.length === 0) await connection.execute(`create database ${postgresDatabase}`);
  } finally {
    connection.close();
  }
}

async function login(core: EngineCore, request: LoginRequest): Promise<ClientSession & EngineSession> {
  const catalog = new CatalogView(core.store, core.connection);
  const found = catalog.login(request.user);
  const valid = found?.type === 'S' && !found.disabled && isPassword(request.password, found.passwordHash);
  if (found === undefined || !valid) throw loginFailed(request.user);
  const name = request.database === '' ? found.defaultDatabase : request.database;
  const database = catalog.database(name);
  if (database === undefined || userIn(catalog, found, database.id) === undefined) throw cannotOpen(name);
  const spid = core.takeSpid();
  const connection = await core.connections.take();
  const facts = { spid, login: found, hostName: request.hostName, applicationName: request.applicationName };
  const session = new Session(core, connection, facts, database);
  core.sessions.set(spid, session);
  const serverName = quotePostgresText(core.serverName);
  await connection.execute(
    `set application_name = 'spid ${spid}'; set lc_messages = 'C'; set client_min_messages = warning; set sandbox.server_name = ${serverName}`,
  );
  return new ClientSession(session);
}

function loginFailed(user: string): SqlError {
  return new SqlError(18456, `Login failed for user '${user}'.`, { class: 14 });
}

function cannotOpen(database: string): SqlError {
  return new SqlError(4060, `Cannot open database "${database}" requested by the login. The login failed.`, {
    class: 11,
  });
}
