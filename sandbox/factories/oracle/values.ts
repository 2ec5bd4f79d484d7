import { createHash } from 'node:crypto';

/** A value as the oracle compares it: NULL, exact text, or the marker of the row that an identifier stands for. */
export type OracleValue = null | string | OracleReference;

export interface OracleReference {
  readonly to: string;
  /** Marker of the row referred to; absent when there is none. */
  readonly marker?: string;
  /** The identifier of an orphan, or 0 or '' kept as null identifier. */
  readonly missing?: string;
}

export type OracleRow = Readonly<Record<string, OracleValue>>;

const longestText = 200;

/** Exact text of a value; long texts and binaries as hash and length. Dates and decimals are read as text. */
export function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (Buffer.isBuffer(value)) return digest(value);
  if (typeof value === 'string') return value.length > longestText ? digest(Buffer.from(value, 'utf16le')) : value;
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  throw new TypeError(`A value of type ${typeof value} is not compared.`);
}

function digest(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}:${bytes.length}`;
}

/** Keys equal under the environment's collation get one form: case, accents and trailing blanks do not count. */
export function normalKey(value: unknown): string {
  return String(value).trimEnd().normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** Adds an entry; a marker met before gets a number, so that doubled rows show. */
export function addOnce<T>(target: Map<string, T>, marker: string, value: T): void {
  for (let n = 1; ; n++) {
    const name = n === 1 ? marker : `${marker}#${n}`;
    if (target.has(name)) continue;
    target.set(name, value);
    return;
  }
}
