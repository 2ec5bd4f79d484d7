import { createHash } from 'node:crypto';

/** A key as the platform makes them (GUID text), always the same for the same name. */
export function keyFor(name: string): string {
  const hex = createHash('sha1').update(`outsystems-refresh ${name}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
