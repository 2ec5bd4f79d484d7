/** Starts a dev server on the folder given, prints its pid as JSON, and waits to be killed. */
import { freePort } from '../../sandbox/freePort.js';
import { startTemporal } from '../../sandbox/temporal/startTemporal.js';

const dataDirectory = process.argv[2];
if (dataDirectory === undefined) throw new Error('usage: startTemporalAndWait.ts FOLDER');
const server = await startTemporal({ dataDirectory, port: await freePort(), uiPort: await freePort() });
process.stdout.write(JSON.stringify({ pid: server.own?.pid }));
setInterval(() => undefined, 60_000);
