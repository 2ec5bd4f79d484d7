import { ProtocolError } from './packets.js';

/** PRELOGIN: [MS-TDS] 2.2.6.5. */

const optionTokens = { version: 0, encryption: 1, instance: 2, threadId: 3, mars: 4, terminator: 0xff } as const;

export const encryption = { off: 0, on: 1, notSupported: 2, required: 3 } as const;

export interface Prelogin {
  readonly encryption: number;
}

/** Throws ProtocolError if the options reach beyond the message. */
export function parsePrelogin(payload: Buffer): Prelogin {
  let clientEncryption: number = encryption.notSupported;
  for (let at = 0; payload[at] !== optionTokens.terminator; at += 5) {
    if (at + 5 > payload.length) throw new ProtocolError('PRELOGIN has no terminator');
    const offset = payload.readUInt16BE(at + 1);
    const length = payload.readUInt16BE(at + 3);
    if (offset + length > payload.length) throw new ProtocolError('PRELOGIN option beyond its end');
    if (payload[at] === optionTokens.encryption && length > 0) clientEncryption = payload[offset]!;
  }
  return { encryption: clientEncryption };
}

/** What the server lets clients choose: 'off' has no certificate, 'required' refuses clients without encryption. */
export type EncryptionPolicy = 'off' | 'optional' | 'required';

/** The server's answer and what follows from it. */
export interface EncryptionOutcome {
  readonly answer: number;
  readonly tls: 'none' | 'login' | 'all';
}

/** The table of [MS-TDS] 2.2.6.5. */
export function negotiateEncryption(asked: number, policy: EncryptionPolicy): EncryptionOutcome {
  if (policy === 'off') return { answer: encryption.notSupported, tls: 'none' };
  switch (asked) {
    case encryption.on:
    case encryption.required:
      return { answer: encryption.on, tls: 'all' };
    case encryption.off:
      return policy === 'required'
        ? { answer: encryption.required, tls: 'all' }
        : { answer: encryption.off, tls: 'login' };
    case encryption.notSupported:
      return policy === 'required'
        ? { answer: encryption.required, tls: 'none' }
        : { answer: encryption.notSupported, tls: 'none' };
    default:
      throw new ProtocolError(`PRELOGIN encryption ${asked}`);
  }
}

export interface ProductVersion {
  readonly major: number;
  readonly minor: number;
  readonly build: number;
}

export function preloginResponse(version: ProductVersion, answer: number): Buffer {
  const versionBytes = Buffer.of(version.major, version.minor, version.build >>> 8, version.build & 0xff, 0, 0);
  const options: readonly (readonly [number, Buffer])[] = [
    [optionTokens.version, versionBytes],
    [optionTokens.encryption, Buffer.of(answer)],
    [optionTokens.instance, Buffer.of(0)],
    [optionTokens.threadId, Buffer.alloc(0)],
    [optionTokens.mars, Buffer.of(0)],
  ];
  const header = Buffer.alloc(options.length * 5 + 1);
  let dataOffset = header.length;
  options.forEach(([token, data], index) => {
    header[index * 5] = token;
    header.writeUInt16BE(dataOffset, index * 5 + 1);
    header.writeUInt16BE(data.length, index * 5 + 3);
    dataOffset += data.length;
  });
  header[header.length - 1] = optionTokens.terminator;
  return Buffer.concat([header, ...options.map(([, data]) => data)]);
}
