import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { freePort } from '../../../../sandbox/freePort.js';
import { endProcess, endedEarly, isAlive, runsWith, startService, stopService } from '../../../../sandbox/processes.js';

const folder = mkdtempSync(join(tmpdir(), 'refresh-processes-'));
const logFile = join(folder, 'service.log');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('startService', () => {
  it.each([true, false])('runs a program under its own pid and stops it (detached: %s)', async (detached) => {
    const program = 'console.log("ready " + process.pid); setInterval(() => {}, 1000)';
    const child = startService(process.execPath, ['-e', program, folder], { logFile, detached });
    await vi.waitFor(() => expect(readFileSync(logFile, 'utf8')).toBe(`ready ${child.pid}\n`), { timeout: 10_000 });
    expect(await runsWith(child.pid!, folder)).toBe(true);
    expect(await runsWith(child.pid!, 'another folder')).toBe(false);
    await stopService(child, 5_000);
    expect(isAlive(child.pid!)).toBe(false);
  });

  it('says why a program ended at once', async () => {
    const child = startService(process.execPath, ['-e', 'console.error("no such database"); process.exit(3)'], {
      logFile,
      detached: false,
    });
    await expect(endedEarly(child, 'The server', logFile)).rejects.toThrow(
      'The server ended at once (exit code 3):\nno such database',
    );
  });
});

describe('endProcess', () => {
  it('ends one that does not listen', async () => {
    const program = 'process.on("SIGTERM", () => {}); console.log("ready"); setInterval(() => {}, 1000)';
    const child = startService(process.execPath, ['-e', program], { logFile, detached: true });
    await vi.waitFor(() => expect(readFileSync(logFile, 'utf8')).toBe('ready\n'), { timeout: 10_000 });
    await endProcess(child.pid!, 200);
    await vi.waitFor(() => expect(isAlive(child.pid!)).toBe(false));
  });
});

describe('freePort', () => {
  it('takes another port when the preferred one is in use', async () => {
    const server = createServer();
    const used = await freePort();
    await new Promise<void>((resolve) => server.listen(used, '127.0.0.1', resolve));
    expect(await freePort(used)).not.toBe(used);
    await new Promise((resolve) => server.close(resolve));
    expect(await freePort(used)).toBe(used);
  });

  it('finds no port twice, nor one that the system gives to outgoing connections', async () => {
    const ports = await Promise.all(Array.from({ length: 50 }, () => freePort()));
    expect(new Set(ports).size).toBe(50);
    expect(Math.max(...ports)).toBeLessThan(32_768);
  });
});
