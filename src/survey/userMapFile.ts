import { readFileSync, statSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import type { UserMapProblem } from './facts.js';

/** One pair of the file; the texts are names of people and go to SQL Server only. */
export interface UserMapLine {
  readonly line: number;
  readonly production: string;
  readonly destination: string;
  /** Names of tenants; empty: any. */
  readonly productionTenant: string;
  readonly destinationTenant: string;
}

export interface UserMapFile {
  readonly lines: readonly UserMapLine[];
  readonly problems: readonly UserMapProblem[];
}

const columns = ['production', 'destination', 'production_tenant', 'destination_tenant'] as const;
type ColumnName = (typeof columns)[number];

/** A map of people is small; whatever is larger is some other file. */
const mostBytes = 16_000_000;

/**
 * Reads the file of `users.map`: CSV in UTF-8 with a header row (`production,destination` and, where names are not
 * unique, `production_tenant,destination_tenant`), separated by commas or semicolons. Problems carry line numbers and
 * never what a line says.
 * @param folder the configuration's folder: as whoever may start a workflow may name the file, it must lie there
 */
export function readUserMapFile(folder: string, path: string): UserMapFile {
  const file = resolve(folder, path);
  const inside = relative(folder, file);
  if (inside === '' || inside.startsWith('..') || isAbsolute(inside)) {
    return failed('USERS_MAP_UNREADABLE', null, "The file does not lie in the configuration's folder.");
  }
  let bytes: Buffer;
  try {
    if (statSync(file).size > mostBytes)
      return failed('USERS_MAP_UNREADABLE', null, `The file has more than ${mostBytes} bytes.`);
    bytes = readFileSync(file);
  } catch {
    return failed('USERS_MAP_UNREADABLE', null, 'The file does not exist, or this process may not read it.');
  }
  try {
    return parseUserMap(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof TypeError) return failed('USERS_MAP_INVALID', null, 'The file is not text in UTF-8.');
    throw error;
  }
}

/** The same from a text. */
export function parseUserMap(text: string): UserMapFile {
  const [head = ''] = text.split('\n', 1);
  let records: { record: string[]; line: number }[];
  try {
    const parsed: readonly unknown[] = parse(text, {
      delimiter: head.includes(';') ? ';' : ',',
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    });
    records = parsed.map(recordOf);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { lines } = error as { readonly lines?: unknown };
    return failed(
      'USERS_MAP_INVALID',
      typeof lines === 'number' ? lines : null,
      'This is not CSV: look at the quotes.',
    );
  }
  const [header, ...rows] = records;
  if (header === undefined) return failed('USERS_MAP_INVALID', null, 'The file is empty.');
  const places = new Map(header.record.map((name, place) => [name.toLowerCase(), place]));
  const problems = headerProblems(header.record, places, header.line);
  if (problems.length > 0) return { lines: [], problems };
  const lines: UserMapLine[] = [];
  for (const { record, line } of rows) {
    const value = (name: ColumnName): string => record[places.get(name) ?? -1] ?? '';
    const missing = (['production', 'destination'] as const).filter((name) => value(name) === '');
    if (record.length > header.record.length) {
      problems.push({ code: 'USERS_MAP_INVALID', line, message: 'It has more values than the header has columns.' });
    } else if (missing.length > 0) {
      problems.push({ code: 'USERS_MAP_INVALID', line, message: `It has no value for ${missing.join(' and ')}.` });
    } else {
      lines.push({
        line,
        production: value('production'),
        destination: value('destination'),
        productionTenant: value('production_tenant'),
        destinationTenant: value('destination_tenant'),
      });
    }
  }
  return { lines, problems };
}

/** With the option `info` each record comes with the line that it ends on. */
function recordOf(parsed: unknown): { record: string[]; line: number } {
  const { record, info } = parsed as { readonly record: string[]; readonly info: { readonly lines: number } };
  return { record, line: info.lines };
}

function headerProblems(names: readonly string[], places: ReadonlyMap<string, number>, line: number): UserMapProblem[] {
  const invalid = (message: string): UserMapProblem => ({ code: 'USERS_MAP_INVALID', line, message });
  const known: readonly string[] = columns;
  const unknown = names.flatMap((name, place) => (known.includes(name.toLowerCase()) ? [] : [place + 1]));
  return [
    ...(unknown.length > 0
      ? [invalid(`The header has unknown columns in place ${unknown.join(', ')}; known are ${columns.join(', ')}.`)]
      : []),
    ...(places.size < names.length && unknown.length === 0 ? [invalid('The header names a column twice.')] : []),
    ...(['production', 'destination'] as const)
      .filter((name) => !places.has(name))
      .map((name) => invalid(`The header lacks the column ${name}.`)),
  ];
}

function failed(code: UserMapProblem['code'], line: number | null, message: string): UserMapFile {
  return { lines: [], problems: [{ code, line, message }] };
}
