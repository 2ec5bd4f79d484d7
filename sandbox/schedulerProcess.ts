/** Run as a process of its own beside a sandbox: the platform's scheduler of the QA environment, until terminated. */
import { startScheduler } from './factories/index.js';
import { sqlServerHost } from './sqlserver/address.js';

const [port, database] = process.argv.slice(2);
const password = process.env['SANDBOX_SA_PASSWORD'];
if (port === undefined || database === undefined || password === undefined) {
  throw new Error('usage: SANDBOX_SA_PASSWORD=… schedulerProcess.ts PORT DATABASE');
}
const scheduler = await startScheduler({ server: sqlServerHost, port: Number(port), user: 'sa', password, database });
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void scheduler.stop());
