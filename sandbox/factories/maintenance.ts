/**
 * Disables or enables applications of a sandbox environment, as an operator does in Service Center:
 *   tsx sandbox/factories/maintenance.ts disable|enable [--application NAME [NAME ...]]
 *       [--server S --port P --user U --password W --database D]
 * Without --application it reads the order that a refresh gives to its maintenance command on standard input.
 * The connection may come from MAINTENANCE_SERVER, _PORT, _USER, _PASSWORD and _DATABASE instead. Doing it twice is
 * doing it once.
 */
import { json } from 'node:stream/consumers';
import { Command, Option } from 'commander';
import { setApplicationsEnabled } from './applicationState.js';
import { connect } from './write/connection.js';

interface MaintenanceOptions {
  readonly application?: string[];
  readonly server: string;
  readonly port: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

async function maintain(action: string, options: MaintenanceOptions): Promise<void> {
  const pool = await connect(
    { server: options.server, port: Number(options.port), user: options.user, password: options.password },
    options.database,
  );
  const applications = options.application ?? (await orderedApplications());
  try {
    await setApplicationsEnabled(pool, applications, action === 'enable');
  } finally {
    await pool.close();
  }
  process.stdout.write(`${action}d: ${applications.join(', ')}\n`);
}

async function orderedApplications(): Promise<string[]> {
  const order = (await json(process.stdin)) as { applications: { name: string }[] };
  return order.applications.map(({ name }) => name);
}

const fromEnvironment = (flag: string, description: string, variable: string): Option =>
  new Option(flag, description).env(variable).makeOptionMandatory();

await new Command('maintenance')
  .description('disable or enable applications of a sandbox environment')
  .argument('<action>', 'disable or enable', (value: string) => {
    if (value !== 'disable' && value !== 'enable') throw new Error('The action is disable or enable.');
    return value;
  })
  .option('--application <names...>', 'names of active applications')
  .addOption(fromEnvironment('--server <server>', 'SQL Server', 'MAINTENANCE_SERVER'))
  .addOption(fromEnvironment('--port <port>', 'its port', 'MAINTENANCE_PORT'))
  .addOption(fromEnvironment('--user <user>', 'login', 'MAINTENANCE_USER'))
  .addOption(fromEnvironment('--password <password>', 'its password', 'MAINTENANCE_PASSWORD'))
  .addOption(fromEnvironment('--database <database>', 'database of the environment', 'MAINTENANCE_DATABASE'))
  .action(maintain)
  .parseAsync();
