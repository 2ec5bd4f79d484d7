import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { temporal } from '@temporalio/proto';
import { expect } from 'vitest';

const folder = process.env['RECORD_HISTORIES'];
const recorded = new Map<string, number>();

/** Writes a history of the running test where RECORD_HISTORIES says; nothing without it. */
export async function recordHistory(type: string, history: temporal.api.history.v1.IHistory): Promise<void> {
  if (folder === undefined) return;
  const test = (expect.getState().currentTestName ?? 'run').replace(/[^A-Za-z0-9]+/g, '-').slice(0, 80);
  const name = `${test}.${type}`;
  const number = (recorded.get(name) ?? 0) + 1;
  recorded.set(name, number);
  await mkdir(folder, { recursive: true });
  const text = JSON.stringify(withoutMachine(historyToJSON(history)));
  await writeFile(join(folder, `${name}.${number}.json`), `${text}\n`);
}

/** Who ran it and where its code lay is nobody's business, and no part of what is replayed. */
function withoutMachine(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMachine);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (key === 'identity') return [key, 'worker'];
      return [key, key === 'stackTrace' ? '' : withoutMachine(inner)];
    }),
  );
}
