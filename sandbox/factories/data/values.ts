/** Values of any type for attributes that say nothing of their own, chosen to include what copies get wrong. */
import type { AttributeModel, Cell, GeneratedValue } from '../model.js';
import type { ModelIndex } from '../modelIndex.js';
import { sentence } from './words.js';

export const nullDate = '1900-01-01T00:00:00.000';

/** Far above every generated identifier. */
const orphanBase = 700_000_000;

/** A value for an attribute of any type: NULL, empty and null-date forms included. */
export function generateValue(
  index: ModelIndex,
  attribute: Pick<AttributeModel, 'type' | 'mandatory' | 'deleteRule'>,
  cell: Cell,
): GeneratedValue {
  const { random } = cell;
  const { type } = attribute;
  if (type.kind === 'reference') return generateReference(index, attribute, cell);
  if (!attribute.mandatory && random.chance(0.04)) return null;
  switch (type.kind) {
    case 'text':
      return generateText(cell, type.length);
    case 'integer':
      return random.pick([0, 1, -1, 2147483647, -2147483648, random.integer(100_000), random.integer(100_000)]);
    case 'longInteger':
      return random.pick([
        0n,
        9223372036854775807n,
        -9223372036854775808n,
        9007199254740993n,
        BigInt(random.integer(1_000_000)),
      ]);
    case 'decimal':
      return generateDecimal(cell, type.length, type.decimals);
    case 'currency':
      return generateDecimal(cell, 37, 8);
    case 'boolean':
      return random.chance(0.5);
    case 'date':
      return random.chance(0.1) ? nullDate : `${generateDay(cell)}T00:00:00.000`;
    case 'time':
      return random.chance(0.1) ? nullDate : `1900-01-01T${generateTime(cell)}.000`;
    case 'dateTime':
      return random.chance(0.1) ? nullDate : `${generateDay(cell)}T${generateTime(cell)}.${generateMilliseconds(cell)}`;
    case 'phone':
      return random.chance(0.1) ? '' : `+351 9${String(random.integer(100_000_000)).padStart(8, '0')}`;
    case 'email':
      return random.chance(0.05) ? '' : `${cell.marker.toLowerCase()}@example.org`;
    case 'binary':
      return random.chance(0.1)
        ? Buffer.alloc(0)
        : Buffer.from(Array.from({ length: 1 + random.integer(64) }, () => random.integer(256)));
  }
}

function generateReference(
  index: ModelIndex,
  attribute: Pick<AttributeModel, 'type' | 'mandatory' | 'deleteRule'>,
  cell: Cell,
): GeneratedValue {
  if (attribute.type.kind !== 'reference') throw new Error('Not a reference.');
  const { random } = cell;
  const numeric = ['integer', 'longInteger'].includes(index.storedType(attribute.type).kind);
  if (attribute.deleteRule === 'Ignore') {
    if (random.chance(0.03)) return numeric ? orphanBase + cell.index : `?${cell.index % 10}`;
    if (random.chance(0.03)) return numeric ? 0 : '';
  }
  const target = index.entity(attribute.type.to).item;
  if (target.kind === 'staticEntity' && attribute.deleteRule !== 'Ignore') {
    // A constraint allows no reference to a deleted record.
    const existing = target.records.flatMap((each, ordinal) => (each.active ? [ordinal] : []));
    if (existing.length === 0 || (!attribute.mandatory && random.chance(0.15))) return null;
    return cell.nth(attribute.type.to, random.pick(existing));
  }
  const rows = cell.rowsOf(attribute.type.to);
  if (rows === 0 || (!attribute.mandatory && random.chance(0.15))) return null;
  return cell.nth(attribute.type.to, random.integer(rows));
}

function generateText({ random, marker }: Cell, length: number): string {
  const roll = random.next();
  if (roll < 0.05) return '';
  if (roll < 0.08) return ' '.slice(0, length);
  if (roll < 0.12) return marker.slice(0, length);
  const text = sentence(random, Math.max(1, Math.min(length - 2, 180)));
  return roll < 0.2 ? `${text}  `.slice(0, length) : text.slice(0, length);
}

function generateDecimal({ random }: Cell, length: number, decimals: number): string {
  const roll = random.next();
  const digits = (count: number, digit: () => string): string => Array.from({ length: count }, digit).join('');
  const any = (): string => String(random.integer(10));
  const point = (whole: string, fraction: string): string => (fraction === '' ? whole : `${whole}.${fraction}`);
  const whole = length - decimals;
  if (roll < 0.05)
    return point(
      '0',
      digits(decimals, () => '0'),
    );
  if (roll < 0.08)
    return point(
      digits(whole, () => '9') || '0',
      digits(decimals, () => '9'),
    );
  if (roll < 0.11)
    return `-${point(
      digits(whole, () => '9') || '0',
      digits(decimals, () => '9'),
    )}`;
  if (roll < 0.14) return point('0', decimals === 0 ? '' : `${'0'.repeat(decimals - 1)}1`);
  return `${roll < 0.2 ? '-' : ''}${point(`1${digits(Math.min(Math.max(whole - 1, 0), 1 + random.integer(6)), any)}`.slice(0, whole) || '0', digits(decimals, any))}`;
}

function generateDay({ random }: Cell): string {
  if (random.chance(0.02)) return '9999-12-31';
  if (random.chance(0.02)) return '1753-01-01';
  return new Date(Date.UTC(1990 + random.integer(36), random.integer(12), 1 + random.integer(28)))
    .toISOString()
    .slice(0, 10);
}

function generateTime({ random }: Cell): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(random.integer(24))}:${two(random.integer(60))}:${two(random.integer(60))}`;
}

/** datetime counts in 1/300 s: only these endings are stored as they are given. */
function generateMilliseconds({ random }: Cell): string {
  return `${random.integer(100).toString().padStart(2, '0')}${random.pick(['0', '3', '7'])}`;
}
