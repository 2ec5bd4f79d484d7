import { SqlError, type ResultSink } from '../api.js';
import type { PostgresConnection } from '../../postgres/connection.js';
import { PostgresError } from '../../postgres/wireMessages.js';
import type { Statement } from '../../tsql/ast.js';
import { catalogTable, type TableName } from '../catalog/catalogReader.js';
import { CatalogView, tempdbId } from '../catalog/catalogView.js';
import type { DatabaseEntity, LoginEntity, PrincipalEntity, TableEntity, ViewEntity } from '../catalog/entities.js';
import { dboSchemaId } from '../catalog/fixedEntities.js';
import type { CatalogTable } from '../catalog/model.js';
import { findSystemView } from '../catalog/systemViews.js';
import { nameKey } from '../catalog/names.js';
import type { EngineCore } from '../engineCore.js';
import { cannotAccessDatabase, userIn } from '../rights/access.js';
import { keepTableVariables } from '../interpreter/tableVariables.js';
import type { Frame } from './frame.js';
import { deadlock, toSqlError, type FailedCommand } from './postgresErrors.js';
import { initialSettings, type SessionSettings } from './settings.js';
import { Transactions } from './transactions.js';
import { viewTable } from './viewTable.js';

export interface SessionFacts {
  readonly spid: number;
  readonly login: LoginEntity;
  readonly hostName: string;
  readonly applicationName: string;
}

/**
 * The state of one connection, which the parts of the engine share: its PostgreSQL connection, its view of the
 * catalog, its transaction, settings and scopes.
 */
export class Session {
  readonly catalog: CatalogView;
  readonly transactions: Transactions;
  settings: SessionSettings = initialSettings;
  database: DatabaseEntity;
  /** The database that the login entered: RESETCONNECTION brings it back. */
  readonly loginDatabase: DatabaseEntity;
  /** Innermost scope of the running request; undefined between requests. */
  frame: Frame | undefined;
  /** @@ROWCOUNT, @@ERROR, @@IDENTITY. */
  rowCount = 0n;
  lastError = 0;
  lastIdentity: bigint | null = null;
  /** Scope of #temp tables made by batches. */
  readonly baseScope: number;
  /** Object id of the table with IDENTITY_INSERT ON. */
  identityInsertTable: { readonly databaseId: number; readonly objectId: number } | undefined;
  contextInfo: Buffer | null = null;
  readonly sessionContext = new Map<string, { readonly value: string | null; readonly readOnly: boolean }>();
  /** What the running request is, and the statement it is in, for sys.dm_exec_requests. */
  requestText: string | undefined;
  statementKind: Statement['kind'] | undefined;
  readonly loginTime: Date = new Date();
  private appliedLockTimeout = -1;
  private scopeCounter = 0;
  attention: AbortSignal | undefined;
  private isDeadlockVictim = false;

  constructor(
    readonly core: EngineCore,
    readonly connection: PostgresConnection,
    readonly facts: SessionFacts,
    database: DatabaseEntity,
  ) {
    this.catalog = new CatalogView(core.store, connection);
    this.transactions = new Transactions(connection, this.catalog, () => (this.appliedLockTimeout = NaN));
    this.transactions.onEnd.push(() => core.applicationLocks.releaseAll(facts.spid, 'Transaction'));
    this.transactions.keepThroughRollback = () => keepTableVariables(this);
    this.database = database;
    this.loginDatabase = database;
    this.baseScope = this.nextScope();
  }

  get spid(): number {
    return this.facts.spid;
  }

  nextScope(): number {
    return ++this.scopeCounter;
  }

  /** The frame of the running request; only valid while one runs. */
  get currentFrame(): Frame {
    if (this.frame === undefined) throw new Error('No request is running.');
    return this.frame;
  }

  /** Current facts of the login: it may have been altered since. */
  get login(): LoginEntity {
    return this.catalog.loginById(this.facts.login.id) ?? this.facts.login;
  }

  /** The user in the current database. */
  get user(): PrincipalEntity {
    const user = userIn(this.catalog, this.login, this.database.id);
    if (user === undefined) throw cannotAccessDatabase(this.login.name, this.database.name);
    return user;
  }

  get defaultSchema(): string {
    return this.user.defaultSchema ?? 'dbo';
  }

  /** Current state of the current database (its options may have changed). */
  get currentDatabase(): DatabaseEntity {
    return this.catalog.databaseById(this.database.id) ?? this.database;
  }

  /** A database by name, '' for the current one. Throws 911 when there is none, 916 without access. */
  databaseNamed(name: string): DatabaseEntity {
    if (name === '') return this.currentDatabase;
    const database = this.catalog.database(name);
    if (database === undefined) {
      throw new SqlError(911, `Database '${name}' does not exist. Make sure that the name is entered correctly.`);
    }
    this.checkAccess(database);
    return database;
  }

  checkAccess(database: DatabaseEntity): void {
    if (database.id === this.database.id) return;
    if (userIn(this.catalog, this.login, database.id) === undefined) {
      throw cannotAccessDatabase(this.login.name, database.name);
    }
  }

  /** Resolves a name to an entity; undefined when there is no such object. */
  resolve(name: TableName): TableEntity | ViewEntity | undefined {
    const { object } = name;
    if (object.startsWith('#')) return this.catalog.temporaryTable(object);
    if (object.startsWith('@')) return this.tableVariable(object);
    const database = name.database === '' ? this.currentDatabase : this.catalog.database(name.database);
    if (database === undefined) return undefined;
    this.checkAccess(database);
    if (database.id === tempdbId && object.startsWith('#')) return this.catalog.temporaryTable(object);
    if (name.schema !== '') {
      const schema = this.catalog.schema(database.id, name.schema);
      return schema === undefined ? undefined : this.catalog.object(database.id, schema.id, object);
    }
    const user = userIn(this.catalog, this.login, database.id);
    const own = this.catalog.schema(database.id, user?.defaultSchema ?? 'dbo');
    const found = own === undefined ? undefined : this.catalog.object(database.id, own.id, object);
    return found ?? this.catalog.object(database.id, dboSchemaId, object);
  }

  /** Names of an object's database and schema. */
  namesOf(entity: { readonly databaseId: number; readonly schemaId: number }): { database: string; schema: string } {
    return {
      database: this.catalog.databaseById(entity.databaseId)?.name ?? '',
      schema: this.catalog.schemaById(entity.databaseId, entity.schemaId)?.name ?? '',
    };
  }

  tableById(databaseId: number, objectId: number): TableEntity | undefined {
    const entity = this.catalog.objectById(databaseId, objectId);
    return entity?.kind === 'table' ? entity : undefined;
  }

  /** Table variables belong to their scope alone, other than #temp tables, which inner scopes see. */
  private tableVariable(name: string): TableEntity | undefined {
    const table = this.catalog.temporaryTable(name);
    return table?.temporary?.scope === this.frame?.id ? table : undefined;
  }

  /** What the translator asks. */
  findTable(name: TableName): CatalogTable | undefined {
    const pseudo = this.pseudoTable(name);
    if (pseudo !== undefined) return pseudo;
    const system = findSystemView(this, name);
    if (system !== undefined) return system;
    const entity = this.resolve(name);
    if (entity === undefined) return undefined;
    if (entity.kind === 'view') return viewTable(this, entity);
    const database = this.catalog.databaseById(entity.databaseId)?.name ?? '';
    const schema = this.catalog.schemaById(entity.databaseId, entity.schemaId)?.name ?? '';
    return catalogTable(entity, database, schema);
  }

  /** inserted and deleted inside a trigger. */
  private pseudoTable(name: TableName): CatalogTable | undefined {
    const trigger = this.frame?.trigger;
    if (trigger === undefined || name.database !== '' || name.schema !== '') return undefined;
    switch (nameKey(name.object)) {
      case 'INSERTED':
        return trigger.inserted;
      case 'DELETED':
        return trigger.deleted;
      default:
        return undefined;
    }
  }

  /** Makes PostgreSQL wait for locks as long as SET LOCK_TIMEOUT says. */
  applyLockTimeout(milliseconds: number = this.settings.lockTimeout): void {
    if (milliseconds === this.appliedLockTimeout) return;
    this.appliedLockTimeout = milliseconds;
    // PostgreSQL's 0 means no limit; SQL Server's 0 means not to wait at all.
    const value = milliseconds < 0 ? 0 : Math.max(1, milliseconds);
    this.connection.execute(`set lock_timeout = ${value}`).catch(() => (this.appliedLockTimeout = NaN));
  }

  /** The error to report for what went wrong while `command` ran. */
  translateError(error: unknown, command: FailedCommand): Error {
    if (this.isDeadlockVictim && error instanceof PostgresError && error.code === '57014') {
      this.isDeadlockVictim = false;
      return deadlock(this.spid);
    }
    const snapshot = (this.transactions.isolation ?? this.settings.isolation) === 'snapshot';
    const translated = toSqlError(error, command, this.catalog, this.spid, snapshot);
    // The client's connection is of no use without PostgreSQL behind it.
    if (!(error instanceof PostgresError) && !(error instanceof SqlError) && !this.connection.isOpen) {
      return new SqlError(596, 'Cannot continue the execution because the session is in the kill state.', {
        class: 21,
      });
    }
    return translated;
  }

  /** Ends the waiting statement with error 1205. */
  async endAsDeadlockVictim(): Promise<void> {
    this.isDeadlockVictim = true;
    await this.connection.cancel();
  }

  async useDatabase(name: string, sink: ResultSink): Promise<void> {
    const database = this.databaseNamed(name);
    const oldValue = this.database.name;
    this.database = database;
    sink.environmentChange({ kind: 'database', newValue: database.name, oldValue });
    sink.message({
      number: 5701,
      state: 1,
      class: 0,
      message: `Changed database context to '${database.name}'.`,
      procedure: '',
      line: 1,
    });
    return Promise.resolve();
  }
}
