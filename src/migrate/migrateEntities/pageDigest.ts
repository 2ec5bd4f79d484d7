import { createHash } from 'node:crypto';
import type { SqlValue } from '../../sqlserver/session.js';
import type { PageContent } from './readPage.js';

/**
 * A digest of the rows of a page, of at most 80 characters. Kept with the batch, it tells when the destination is
 * verified whether the source still holds what was read: production goes on while it is copied. Rows that came another
 * way have another digest.
 */
export function pageDigest(content: PageContent): string {
  const hash = createHash('sha256');
  if (content.path === 'relay') {
    for (const block of content.rows.blocks) hash.update(block);
  } else {
    for (const value of content.rows.flat()) {
      if (!Buffer.isBuffer(value)) hash.update(textOf(value));
      else hash.update(`b${value.length}:`).update(value);
    }
  }
  return `${content.path}:${hash.digest('hex')}`;
}

/** True if the rows are those that the digest was made of. */
export function hasDigest(content: PageContent, digest: string | null): boolean {
  return digest !== null && pageDigest(content) === digest;
}

function textOf(value: Exclude<SqlValue, Buffer>): string {
  if (value === null || value === undefined) return 'n;';
  if (value instanceof Date) return `d${value.getTime()};`;
  const text = String(value);
  return `${typeof value}${text.length}:${text}`;
}
