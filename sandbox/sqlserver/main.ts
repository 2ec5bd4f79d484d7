import { parseArgs } from 'node:util';
import { startSqlServer } from './start.js';

/**
 * The sandbox's SQL Server as a process of its own:
 *   SANDBOX_SA_PASSWORD=... tsx sandbox/sqlserver/main.ts --data DIR --port N [--name SERVERNAME] [--faults]
 * Prints one line of JSON with host and port when it accepts connections; SIGTERM and SIGINT stop it in order.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      port: { type: 'string', default: '0' },
      name: { type: 'string' },
      faults: { type: 'boolean', default: false },
    },
  });
  const password = process.env['SANDBOX_SA_PASSWORD'];
  if (values.data === undefined) throw new Error('--data DIR is missing.');
  if (password === undefined || password === '') throw new Error('SANDBOX_SA_PASSWORD is not set.');
  const server = await startSqlServer({
    dataDirectory: values.data,
    port: Number(values.port),
    password,
    faults: values.faults,
    ...(values.name === undefined ? {} : { serverName: values.name }),
  });
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    server.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  console.log(JSON.stringify({ host: server.host, port: server.port }));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
