import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { findPostgresBinaries, type PostgresBinaries } from './binaries.js';
import { findServerAccount, type ServerAccount } from './account.js';

/** A running PostgreSQL server that listens on a Unix socket only. */
export interface PostgresCluster {
  readonly socketPath: string;
  readonly user: string;
  /** Ends all connections and stops the server. */
  stop(): Promise<void>;
}

const port = 5432;
const superuser = 'sandbox';
// The kernel's limit of a Unix socket address is 108 bytes on Linux and 104 on macOS.
const longestSocketPath = 100;
const readyTimeoutMilliseconds = 60_000;

/**
 * Committed work survives the end of the processes (SIGKILL included), not a loss of power: the operating system still
 * holds what was written, so fsync is left out. Checksums of pages, which initdb would switch on, are left out too: they
 * find what a disk lost, and cost a third of what writing pages does.
 *
 * Statistics are renewed after changes of 500 rows and a fifth of a table, as SQL Server's are (automatic updates of
 * statistics), and soon, from small samples: SQL Server renews them before it compiles the next statement. Tables that
 * only grew are not vacuumed.
 */
const settings: Readonly<Record<string, string>> = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '200',
  shared_buffers: '256MB',
  temp_buffers: '32MB',
  work_mem: '64MB',
  maintenance_work_mem: '128MB',
  effective_cache_size: '1GB',
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'on',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '2GB',
  jit: 'off',
  random_page_cost: '1.1',
  max_locks_per_transaction: '1024',
  deadlock_timeout: '500ms',
  default_statistics_target: '20',
  autovacuum_naptime: '3s',
  autovacuum_vacuum_insert_threshold: '-1',
  autovacuum_analyze_threshold: '500',
  autovacuum_analyze_scale_factor: '0.2',
  timezone: 'UTC',
  log_destination: 'stderr',
  log_min_messages: 'warning',
  log_min_error_statement: 'panic',
  dynamic_shared_memory_type: 'mmap',
};

/**
 * Starts PostgreSQL on `directory`, which is created and initialised when empty. A server that an earlier process left
 * running on it is stopped first, so that a killed sandbox can simply be started again.
 */
export async function startPostgres(directory: string): Promise<PostgresCluster> {
  const binaries = await findPostgresBinaries();
  const account = await findServerAccount();
  const dataDirectory = path.join(path.resolve(directory), 'postgres');
  await ownDirectory(path.resolve(directory), account, 0o755);
  await ownDirectory(dataDirectory, account, 0o700);
  await account.checkAccess([dataDirectory, binaries.directory]);
  if (!(await isInitialised(dataDirectory))) await initialise(binaries, account, dataDirectory);
  else await stopLeftover(binaries, account, dataDirectory);
  const socketDirectory = await createSocketDirectory(directory, account);
  const server = new ServerProcess(binaries, account, dataDirectory, socketDirectory);
  await server.ready();
  return {
    socketPath: path.join(socketDirectory, `.s.PGSQL.${port}`),
    user: superuser,
    stop: async () => {
      await server.stop();
      await rm(socketDirectory, { recursive: true, force: true });
    },
  };
}

async function ownDirectory(directory: string, account: ServerAccount, mode: number): Promise<void> {
  await mkdir(directory, { recursive: true });
  if (account.ids === undefined) return;
  await chown(directory, account.ids.uid, account.ids.gid);
  await chmod(directory, mode);
}

/** The marker is written last, so a directory whose initialisation was interrupted is initialised again. */
const initialisedMarker = 'sandbox.initialised';

async function isInitialised(dataDirectory: string): Promise<boolean> {
  return (await stat(path.join(dataDirectory, initialisedMarker)).catch(() => undefined)) !== undefined;
}

async function initialise(binaries: PostgresBinaries, account: ServerAccount, dataDirectory: string): Promise<void> {
  await rm(dataDirectory, { recursive: true, force: true });
  await ownDirectory(dataDirectory, account, 0o700);
  await run(binaries.initdb, account, [
    `--pgdata=${dataDirectory}`,
    `--username=${superuser}`,
    '--auth=trust',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    '--no-sync',
    '--no-data-checksums',
    '--no-instructions',
  ]);
  await writeFile(path.join(dataDirectory, initialisedMarker), '');
}

async function stopLeftover(binaries: PostgresBinaries, account: ServerAccount, dataDirectory: string): Promise<void> {
  const pidFile = await readFile(path.join(dataDirectory, 'postmaster.pid'), 'utf8').catch(() => undefined);
  if (pidFile === undefined) return;
  // Fails when the file is stale; the new server then finds that out by itself.
  await run(binaries.pgCtl, account, ['stop', '-D', dataDirectory, '-m', 'fast', '-w', '-s']).catch(() => undefined);
}

async function createSocketDirectory(directory: string, account: ServerAccount): Promise<string> {
  const beside = path.join(path.resolve(directory), 'socket');
  const short = Buffer.byteLength(beside) + `/.s.PGSQL.${port}`.length <= longestSocketPath;
  const socketDirectory = short ? beside : await mkdtemp(path.join(os.tmpdir(), 'sqlsandbox-'));
  if (short) await rm(socketDirectory, { recursive: true, force: true });
  await ownDirectory(socketDirectory, account, 0o700);
  return socketDirectory;
}

/**
 * The shell between Node and PostgreSQL waits for the end of its standard input, which comes also when Node is killed,
 * and then stops the server: no server outlives its sandbox.
 */
const guardian = '"$@" </dev/null & server=$!; trap "" INT TERM; cat >/dev/null; kill -INT $server; wait $server';

class ServerProcess {
  private readonly child: ChildProcess;
  private readonly ended: Promise<void>;
  private log = '';
  private readySeen = false;

  constructor(binaries: PostgresBinaries, account: ServerAccount, dataDirectory: string, socketDirectory: string) {
    const options = Object.entries({ ...settings, unix_socket_directories: socketDirectory, port: String(port) });
    const parameters = options.flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    this.child = spawn('sh', ['-c', guardian, 'sh', binaries.postgres, '-D', dataDirectory, ...parameters], {
      ...account.ids,
      cwd: dataDirectory,
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['pipe', 'ignore', 'pipe'],
      // Not in the terminal's process group: Ctrl-C reaches Node, which stops the server in order.
      detached: true,
    });
    this.ended = new Promise((resolve) => this.child.once('close', () => resolve()));
    this.child.stdin?.on('error', () => undefined);
  }

  /** Resolves when the server accepts connections; rejects with its log when it cannot start. */
  async ready(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(this.failure('did not start in time')), readyTimeoutMilliseconds);
      this.child.once('error', reject);
      this.child.once('close', () => reject(this.failure('ended')));
      this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        this.log = (this.log + text).slice(-8_000);
        if (this.readySeen || !this.log.includes('ready to accept connections')) return;
        this.readySeen = true;
        clearTimeout(timer);
        resolve();
      });
    }).catch(async (error: unknown) => {
      await this.stop();
      throw error;
    });
  }

  private failure(what: string): Error {
    return new Error(`The sandbox's PostgreSQL ${what}: ${this.log.trim()}`);
  }

  async stop(): Promise<void> {
    this.child.stdin?.end();
    await this.ended;
  }
}

async function run(program: string, account: ServerAccount, parameters: readonly string[]): Promise<void> {
  const child = spawn(program, parameters, {
    ...account.ids,
    cwd: '/',
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${path.basename(program)} failed: ${errors.trim()}`);
}
