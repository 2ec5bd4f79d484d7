import type { DateTimeOffsetValue, SqlType, SqlValue } from '../../engine/api.js';
import { defaultTimeScale } from './typeInfo.js';

/** Clients of TDS 7.2 know no date, time, datetime2 and datetimeoffset: they get them as nvarchar. */

const unitsPerDay = 864_000_000_000n;
const unitsPerMinute = 600_000_000n;
const unitsPerSecond = 10_000_000;
const millisecondsPerDay = 86_400_000;
const dayZero = Date.UTC(2000, 0, 1) / millisecondsPerDay - 730_119;

function formatDate(days: number): string {
  return new Date((days + dayZero) * millisecondsPerDay).toISOString().slice(0, 10);
}

function formatTime(units: number, scale: number): string {
  const seconds = Math.floor(units / unitsPerSecond);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const clock = parts.map((part) => String(part).padStart(2, '0')).join(':');
  const fraction = String(units % unitsPerSecond).padStart(7, '0');
  return scale === 0 ? clock : `${clock}.${fraction.slice(0, scale)}`;
}

function formatDateTime(units: bigint, scale: number): string {
  return `${formatDate(Number(units / unitsPerDay))} ${formatTime(Number(units % unitsPerDay), scale)}`;
}

function formatOffset(minutes: number): string {
  const size = Math.abs(minutes);
  const hours = String(Math.floor(size / 60)).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${hours}:${String(size % 60).padStart(2, '0')}`;
}

export interface LegacyForm {
  readonly type: SqlType;
  convert(value: NonNullable<SqlValue>): string;
}

/** Undefined for types that such clients know. */
export function legacyForm(type: SqlType): LegacyForm | undefined {
  const scale = type.scale ?? defaultTimeScale;
  const clock = scale === 0 ? 8 : 9 + scale;
  const nvarchar = (length: number): SqlType => ({ name: 'nvarchar', length });
  switch (type.name) {
    case 'date':
      return { type: nvarchar(10), convert: (value) => formatDate(Number(value as bigint)) };
    case 'time':
      return { type: nvarchar(clock), convert: (value) => formatTime(Number(value as bigint), scale) };
    case 'datetime2':
      return { type: nvarchar(11 + clock), convert: (value) => formatDateTime(value as bigint, scale) };
    case 'datetimeoffset':
      return {
        type: nvarchar(18 + clock),
        convert: (value) => {
          const { utc, offsetMinutes } = value as DateTimeOffsetValue;
          const local = utc + BigInt(offsetMinutes) * unitsPerMinute;
          return `${formatDateTime(local, scale)} ${formatOffset(offsetMinutes)}`;
        },
      };
    default:
      return undefined;
  }
}
