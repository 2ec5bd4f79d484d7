import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';

const cost = { N: 1024, r: 8, p: 1 };

/** salt:hash, hexadecimal. */
export function hashPassword(password: string): string {
  const salt = randomBytes(16);
  return `${salt.toString('hex')}:${scryptSync(password, salt, 32, cost).toString('hex')}`;
}

export function isPassword(password: string, stored: string): boolean {
  const [salt, hash] = stored.split(':');
  if (salt === undefined || hash === undefined || hash === '') return false;
  const computed = scryptSync(password, Buffer.from(salt, 'hex'), 32, cost);
  return timingSafeEqual(computed, Buffer.from(hash, 'hex'));
}
