import { fileURLToPath } from 'node:url';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readApplicationsEnabled } from '../../../sandbox/factories/index.js';
import { freePort } from '../../../sandbox/freePort.js';
import { tsxArguments } from '../../../sandbox/processes.js';
import { connectAs, connectTo, count, dropDatabase, passwords, server } from '../factories/support.js';
import { uniqueName } from '../../support/sqlServer.js';

const script = fileURLToPath(new URL('../../../sandbox/loadSamples.ts', import.meta.url));
const production = uniqueName('samples_production');
const qa = uniqueName('samples_qa');
let loader: ChildProcess | undefined;

const address = server();
const options = [
  ...['--server', address.server, '--port', String(address.port), '--user', address.user],
  ...['--production-database', production, '--qa-database', qa, '--rows', '30'],
];
const environment = {
  ...process.env,
  SAMPLES_SA_PASSWORD: address.password,
  PROD_PASSWORD: passwords.prod_reader,
  QA_PASSWORD: passwords.qa_refresh,
  QA_WRITER_PASSWORD: passwords.qa_writer,
};

/** Runs the loader to its end, as the samples service of docker-compose.yml does before it serves. */
async function load(...more: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [...tsxArguments(), script, ...options, ...more], {
    env: environment,
  });
  return stdout;
}

let first: string;
beforeAll(async () => {
  first = await load();
});

afterAll(async () => {
  if (loader?.exitCode === null) {
    const gone = once(loader, 'exit');
    loader.kill('SIGTERM');
    await gone;
  }
  for (const database of [production, qa]) await dropDatabase(database);
});

it('writes both environments with the logins that a refresh uses', async () => {
  expect(first).toContain('written (30 rows');
  const reader = await connectAs('prod_reader', production);
  const owner = await connectAs('qa_refresh', qa);
  try {
    expect(await count(reader, 'OSSYS_USER')).toBeGreaterThan(0);
    expect(await count(owner, 'OSSYS_USER')).toBeGreaterThan(0);
  } finally {
    await reader.close();
    await owner.close();
  }
});

it('keeps what is there when it is started again', async () => {
  const pool = await connectTo(qa);
  await pool.request().batch("INSERT INTO dbo.OSSYS_GROUP (NAME, TENANT_ID) VALUES (N'mine', 1)");
  expect(await load()).toContain('kept');
  expect(await count(pool, 'OSSYS_GROUP', "NAME = N'mine'")).toBe(1);
  await pool.close();
});

it('plays the platform of QA: applications are disabled and enabled by its endpoint', async () => {
  const port = await freePort();
  const args = [...tsxArguments(), script, ...options, '--serve', String(port)];
  const child = (loader = spawn(process.execPath, args, { env: environment, stdio: ['ignore', 'pipe', 'inherit'] }));
  let output = '';
  for await (const part of child.stdout as AsyncIterable<Buffer>) {
    output += part.toString();
    if (output.includes(`port ${port}`)) break;
  }
  const order = (action: string) =>
    fetch(`http://127.0.0.1:${port}`, {
      method: 'POST',
      body: JSON.stringify({ action, environment: 'qa', applications: [{ key: 'k', name: 'Recruiting' }] }),
    });
  const pool = await connectTo(qa);
  try {
    expect((await order('disable')).status).toBe(204);
    expect((await readApplicationsEnabled(pool)).get('Recruiting')).toBe(false);
    expect((await order('enable')).status).toBe(204);
    expect((await readApplicationsEnabled(pool)).get('Recruiting')).toBe(true);
    expect((await order('explode')).status).toBe(400);
    expect((await fetch(`http://127.0.0.1:${port}`)).status).toBe(204);
  } finally {
    await pool.close();
  }
});
