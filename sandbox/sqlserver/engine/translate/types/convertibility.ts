import type { SqlType } from '../../api.js';
import { operandTypeClash, explicitConversionNotAllowed, implicitConversionNotAllowed } from '../errors.js';
import { familyOf, isLegacyLob } from './sqlTypes.js';

export type Convertibility = 'implicit' | 'explicit' | 'none';

/** May `from` be converted to `to`? (Transact-SQL reference, CAST and CONVERT, the conversion chart.) */
export function convertibility(from: SqlType, to: SqlType): Convertibility {
  if (from.name === to.name) return 'implicit';
  if (isLegacyLob(from) || isLegacyLob(to)) return legacyConvertibility(from, to);
  const source = familyOf(from);
  const target = familyOf(to);
  if (source === target && source !== 'temporal') return 'implicit';
  switch (source) {
    case 'integer':
    case 'decimal':
    case 'money':
    case 'float':
      return fromNumber(from, to);
    case 'temporal':
      return fromTemporal(from, to);
    case 'character':
      return target === 'binary' ? 'explicit' : 'implicit';
    case 'binary':
      return fromBinary(to);
    case 'guid':
      return target === 'character' || target === 'binary' ? 'implicit' : 'none';
  }
}

/** Throws 206, 257 or 529 as SQL Server does when the conversion is not allowed. */
export function requireConvertible(from: SqlType, to: SqlType, explicit: boolean): void {
  const allowed = convertibility(from, to);
  if (allowed === 'implicit') return;
  if (explicit) {
    if (allowed === 'none') throw explicitConversionNotAllowed(from, to);
    return;
  }
  throw allowed === 'none' ? operandTypeClash(from, to) : implicitConversionNotAllowed(from, to);
}

function fromNumber(from: SqlType, to: SqlType): Convertibility {
  switch (familyOf(to)) {
    case 'integer':
    case 'decimal':
    case 'money':
    case 'float':
      return 'implicit';
    case 'temporal':
      return to.name === 'datetime' || to.name === 'smalldatetime' ? 'implicit' : 'none';
    case 'character':
      return familyOf(from) === 'money' ? 'explicit' : 'implicit';
    case 'binary':
      return 'implicit';
    case 'guid':
      return 'none';
  }
}

function fromTemporal(from: SqlType, to: SqlType): Convertibility {
  const legacy = from.name === 'datetime' || from.name === 'smalldatetime';
  switch (familyOf(to)) {
    case 'integer':
    case 'decimal':
    case 'money':
    case 'float':
      return legacy ? 'explicit' : 'none';
    case 'temporal':
      return isDateAgainstTime(from, to) ? 'none' : 'implicit';
    case 'character':
      return 'implicit';
    case 'binary':
      return 'explicit';
    case 'guid':
      return 'none';
  }
}

function isDateAgainstTime(from: SqlType, to: SqlType): boolean {
  return (from.name === 'date' && to.name === 'time') || (from.name === 'time' && to.name === 'date');
}

function fromBinary(to: SqlType): Convertibility {
  switch (familyOf(to)) {
    case 'float':
      return 'none';
    case 'temporal':
      return to.name === 'datetime' || to.name === 'smalldatetime' ? 'implicit' : 'explicit';
    default:
      return 'implicit';
  }
}

/** text, ntext and image convert to and from the (var)char and (var)binary types of their kind only. */
function legacyConvertibility(from: SqlType, to: SqlType): Convertibility {
  return familyOf(from) === familyOf(to) ? 'implicit' : 'none';
}
