import { createSecretKey, type KeyObject } from 'node:crypto';
import { BadInputError } from '../../src/plan/badInput.js';

/** Keys for payloads, newest first: the first encrypts, every one decrypts what it encrypted. */
export interface KeyRing {
  readonly current: EncryptionKey;
  find(id: string): EncryptionKey | undefined;
}

export interface EncryptionKey {
  /** Stands in clear in the metadata of each payload. */
  readonly id: string;
  readonly key: KeyObject;
}

/** Variable with the keys: `id=base64,id=base64`, newest first. */
export const keysVariable = 'REFRESH_CODEC_KEYS';

/** AES-256. */
const keyBytes = 32;

/**
 * The keys of REFRESH_CODEC_KEYS; null where it is not set, and payloads then travel in clear.
 * @throws BadInputError (CODEC_KEY_INVALID), never quoting a key
 */
export function keyRingOf(variables: NodeJS.ProcessEnv): KeyRing | null {
  const text = variables[keysVariable];
  if (text === undefined || text.trim() === '') return null;
  const keys = new Map<string, EncryptionKey>();
  for (const pair of text.split(',')) {
    const { id, bytes } = parsePair(pair.trim());
    if (keys.has(id)) throw invalid(`it has two keys of the id ${id}`);
    keys.set(id, { id, key: createSecretKey(bytes) });
  }
  const [current] = keys.values();
  if (current === undefined) throw invalid('it is empty');
  return { current, find: (id) => keys.get(id) };
}

function parsePair(pair: string): { id: string; bytes: Buffer } {
  const [, id, encoded] = /^([\w.-]{1,64})=([A-Za-z0-9+/]+={0,2})$/.exec(pair) ?? [];
  if (id === undefined || encoded === undefined) throw invalid('an entry is not of the form id=base64');
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.length !== keyBytes) throw invalid(`the key ${id} has ${bytes.length} bytes in place of ${keyBytes}`);
  return { id, bytes };
}

function invalid(problem: string): BadInputError {
  return new BadInputError(
    'CODEC_KEY_INVALID',
    `${keysVariable} cannot be used: ${problem}.`,
    'Set it to id=base64 pairs, newest first; `openssl rand -base64 32` makes a key.',
  );
}
