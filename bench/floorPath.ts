import { DestinationSession, SourceSession, type SqlRowArray } from '../src/sqlserver/session.js';
import { createCopies, dropCopies, type TableCopy } from './copies.js';
import type { BenchEnvironments } from './environments.js';
import { measure, type Sample } from './measure.js';
import { planFor } from './refreshPath.js';

const pageRows = 20_000;

/**
 * The floor: the same rows read with the driver in keyset pages, one page ahead, and bulk loaded with the driver
 * straight into empty copies. No translation, no ledger, no transaction, no staging, no constraint but the key.
 */
export async function timeFloor(environments: BenchEnvironments): Promise<Sample> {
  const plan = await planFor(environments, 'preserve');
  const source = await SourceSession.open(environments.source);
  const destination = await DestinationSession.open(environments.destination);
  try {
    const copies = await createCopies(destination, plan, 'floor');
    const sample = await measure(async () => {
      for (const copy of copies) await moveRows(source, destination, copy);
    });
    await dropCopies(destination, copies);
    return sample;
  } finally {
    source.close();
    destination.close();
  }
}

async function moveRows(source: SourceSession, destination: DestinationSession, copy: TableCopy): Promise<void> {
  const key = copy.columns[0]?.source ?? '';
  const selected = copy.columns.map(({ source: column, type }) =>
    type.name === 'image' ? `CONVERT(varbinary(max), ${column})` : column,
  );
  const read = (after: string): Promise<SqlRowArray[]> =>
    source.query(
      `SELECT TOP (@rows) ${selected.join(', ')} FROM ${copy.source} WHERE ${key} > @after ORDER BY ${key}`,
      {
        rows: { type: 'int', value: pageRows },
        after: { type: 'bigint', value: after },
      },
    );
  let next = read('0');
  for (;;) {
    const rows = await next;
    const end = rows.at(-1)?.[0];
    if (end === undefined) return;
    if (rows.length === pageRows) next = read(String(end));
    await destination.bulkLoad(copy.table, copy.bulk, rows);
    if (rows.length < pageRows) return;
  }
}
