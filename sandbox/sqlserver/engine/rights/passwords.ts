import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';

const cost = { N: 1024, r: 8, p: 1 };

/** salt:hash, hexadecimal. */
export function hashPassword(password: string): string {
  const salt = randomBytes(16);
  return `${salt.toString('hex')}:${scryptSync(password, salt, 32, cost).toString('hex')}`;
}

/** Stored forms with the password that has proved right: each connection of a pool brings it again. */
const proved = new Map<string, string>();

export function isPassword(password: string, stored: string): boolean {
  if (proved.get(stored) === password) return true;
  const right = matches(password, stored);
  if (right) proved.set(stored, password);
  return right;
}

function matches(password: string, stored: string): boolean {
  const [salt, hash] = stored.split(':');
  if (salt === undefined || hash === undefined || hash === '') return false;
  const computed = scryptSync(password, Buffer.from(salt, 'hex'), 32, cost);
  return timingSafeEqual(computed, Buffer.from(hash, 'hex'));
}
