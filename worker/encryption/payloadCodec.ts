import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import protocol from '@temporalio/proto';
import type { EncryptionKey, KeyRing } from './keys.js';

const cipher = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/** Metadata of an encrypted payload, as in Temporal's own samples, so that its tools recognise one. */
const encoding = 'binary/encrypted';
const cipherName = 'AES-256-GCM';

const { Payload: PayloadMessage } = protocol.temporal.api.common.v1;

/**
 * Encrypts every payload that reaches Temporal: requests, plans' counts, decisions and failures' details. A payload is
 * nonce, ciphertext and tag; the key's id stands in its metadata and is bound to it, so that neither can be exchanged.
 * What another process sent in clear is read as it is: encryption can be turned on while runs are under way.
 */
export class EncryptionCodec implements PayloadCodec {
  constructor(private readonly keys: KeyRing) {}

  encode(payloads: Payload[]): Promise<Payload[]> {
    return Promise.resolve(payloads.map((payload) => encrypt(payload, this.keys.current)));
  }

  decode(payloads: Payload[]): Promise<Payload[]> {
    try {
      return Promise.resolve(payloads.map((payload) => (isEncrypted(payload) ? this.decrypt(payload) : payload)));
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  private decrypt(payload: Payload): Payload {
    const id = textOf(payload.metadata?.['encryption-key-id']);
    const key = this.keys.find(id);
    if (key === undefined)
      throw new PayloadUnreadableError(`it was encrypted with the key ${id}, which is not known here`);
    return decrypt(payload, key);
  }
}

/** A payload was encrypted with a key that this process lacks, or is not what was encrypted. */
export class PayloadUnreadableError extends Error {
  override readonly name = 'PayloadUnreadableError';

  constructor(reason: string) {
    super(`A payload cannot be read: ${reason}.`);
  }
}

function encrypt(payload: Payload, { id, key }: EncryptionKey): Payload {
  const nonce = randomBytes(nonceBytes);
  const sealing = createCipheriv(cipher, key, nonce, { authTagLength: tagBytes });
  sealing.setAAD(boundTo(id));
  const text = Buffer.concat([sealing.update(PayloadMessage.encode(payload).finish()), sealing.final()]);
  return {
    metadata: {
      encoding: Buffer.from(encoding),
      'encryption-cipher': Buffer.from(cipherName),
      'encryption-key-id': Buffer.from(id),
    },
    data: Buffer.concat([nonce, text, sealing.getAuthTag()]),
  };
}

function decrypt(payload: Payload, { id, key }: EncryptionKey): Payload {
  const data = Buffer.from(payload.data ?? []);
  if (data.length < nonceBytes + tagBytes) throw new PayloadUnreadableError('it is too short');
  const opening = createDecipheriv(cipher, key, data.subarray(0, nonceBytes), { authTagLength: tagBytes });
  opening.setAAD(boundTo(id));
  opening.setAuthTag(data.subarray(data.length - tagBytes));
  try {
    const text = Buffer.concat([opening.update(data.subarray(nonceBytes, data.length - tagBytes)), opening.final()]);
    return PayloadMessage.decode(text);
  } catch {
    throw new PayloadUnreadableError(`it was changed, or was not encrypted with the key ${id}`);
  }
}

function boundTo(id: string): Buffer {
  return Buffer.from(`${encoding}\0${id}`);
}

function isEncrypted(payload: Payload): boolean {
  return textOf(payload.metadata?.['encoding']) === encoding;
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return bytes === null || bytes === undefined ? '' : Buffer.from(bytes).toString('utf8');
}
