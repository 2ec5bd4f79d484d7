import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import proto from '@temporalio/proto';
import { expect } from 'vitest';

type History = proto.temporal.api.history.v1.IHistory;
const { History } = proto.temporal.api.history.v1;

const folder = process.env['RECORD_HISTORIES'];
const recorded = new Map<string, number>();

/** Writes a history of the running test where RECORD_HISTORIES says; nothing without it. */
export async function recordHistory(type: string, history: History): Promise<void> {
  if (folder === undefined) return;
  const test = (expect.getState().currentTestName ?? 'run').replace(/[^A-Za-z0-9]+/g, '-').slice(0, 80);
  const name = `${test}.${type}`;
  const number = (recorded.get(name) ?? 0) + 1;
  recorded.set(name, number);
  await mkdir(folder, { recursive: true });
  const plain = History.toObject(History.fromObject(history), { longs: String, bytes: String, enums: String });
  const text = JSON.stringify(withoutMachine(plain));
  await writeFile(join(folder, `${name}.${number}.json`), `${text}\n`);
}

/** Reads what recordHistory wrote. */
export async function readRecordedHistory(file: string): Promise<History> {
  return History.fromObject(JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>);
}

/** Who ran it and where its code lay is nobody's business, and no part of what is replayed. */
function withoutMachine(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMachine);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (key === 'identity') return [key, 'worker'];
      // A sticky queue is named after the process and the machine of the worker.
      if (key === 'name' && 'kind' in value && value.kind === 'TASK_QUEUE_KIND_STICKY') return [key, 'sticky'];
      return [key, key === 'stackTrace' ? '' : withoutMachine(inner)];
    }),
  );
}
