import type { SqlRow } from '../sqlserver/readDatabase.js';
import type { Module } from './factory.js';
import { integerOrNull } from './rowValues.js';

/** A module is an espace or an extension, never both (trap 12). */
export function moduleRefOf(row: SqlRow): string | null {
  const espace = integerOrNull(row, 'ESPACE_ID');
  if (espace !== null && espace !== 0) return moduleRef('espace', espace);
  const extension = integerOrNull(row, 'EXTENSION_ID');
  return extension !== null && extension !== 0 ? moduleRef('extension', extension) : null;
}

export function moduleRef(kind: Module['kind'], id: number): string {
  return `${kind}:${id}`;
}
