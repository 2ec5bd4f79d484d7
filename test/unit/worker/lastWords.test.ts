import { EventEmitter } from 'node:events';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { logDefects, runUntilStopped } from '../../../worker/lastWords.js';
import type { WorkerLog } from '../../../worker/logging.js';

let lines: { level: number; msg: string; stack?: string[]; error?: string }[];
let log: WorkerLog;

beforeEach(() => {
  lines = [];
  log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[number]) });
});

afterEach(() => {
  vi.useRealTimers();
});

class EndingProcess extends EventEmitter {
  exitCode: number | null = null;
  exit(code: number): void {
    this.exitCode = code;
  }
}

describe('a worker that ends', () => {
  it('has stopped well when all its work had ended, although taking it apart fails', async () => {
    const run = () => Promise.reject(new Error('still in use'));
    await runUntilStopped({ run, getState: () => 'STOPPED' }, log);
    expect(lines).toMatchObject([{ level: 40, error: 'Error' }]);
    expect(lines[0]?.msg).toContain('worker stopped');
  });

  it('fails, and says so in its log, when work had not ended', async () => {
    vi.useFakeTimers();
    const ending = new EndingProcess();
    const run = () => Promise.reject(new TypeError('value ’secret’ of a row'));
    await expect(runUntilStopped({ run, getState: () => 'FAILED' }, log, ending)).rejects.toThrow(TypeError);
    vi.runAllTimers();
    expect(ending.exitCode).toBe(1);
    expect(lines).toMatchObject([{ level: 50, error: 'TypeError', msg: 'worker failed', state: 'FAILED' }]);
    expect(lines[0]?.stack?.length).toBeGreaterThan(0);
    expect(JSON.stringify(lines)).not.toContain('secret');
  });

  it('leaves a line about a defect that nothing caught, without its message, and exit code 1', () => {
    const ending = new EndingProcess();
    const takeBack = logDefects(log, ending);
    ending.emit('uncaughtException', new Error('Conversion failed when converting ’secret’'));
    expect(ending.exitCode).toBe(1);
    expect(lines).toMatchObject([{ level: 60, error: 'Error' }]);
    expect(JSON.stringify(lines)).not.toContain('secret');
    takeBack();
    expect(ending.listenerCount('uncaughtException')).toBe(0);
  });
});
