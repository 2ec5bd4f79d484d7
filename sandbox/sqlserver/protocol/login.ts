import type { LoginRequest } from '../engine/api.js';
import { SqlError } from '../engine/api.js';
import {
  writeCollationChange,
  writeDatabaseChange,
  writeLanguageChange,
  writePacketSizeChange,
} from './environmentChange.js';
import { unsupported } from '../tsql/unsupported.js';
import type { MessageWriter } from './messageWriter.js';
import { initialPacketSize, ProtocolError } from './packets.js';
import type { ProductVersion } from './prelogin.js';
import { commandCodes, doneStatus, tokens, writeDone, writeMessage } from './tokens.js';

/** LOGIN7: [MS-TDS] 2.2.6.4. */

export interface Login {
  readonly tdsVersion: number;
  readonly packetSize: number;
  readonly request: LoginRequest;
}

const fixedLength = 94;
const field = { hostName: 36, user: 40, password: 44, application: 48, database: 68 } as const;
const flagBytes = { options2: 25, types: 26, options3: 27 } as const;
const integratedSecurity = 0x80;
const readOnlyIntent = 0x20;
const changePassword = 0x01;

function fieldBytes(payload: Buffer, at: number): Buffer {
  const start = payload.readUInt16LE(at);
  const end = start + payload.readUInt16LE(at + 2) * 2;
  if (end > payload.length) throw new ProtocolError('LOGIN7 field beyond its end');
  return payload.subarray(start, end);
}

function fieldText(payload: Buffer, at: number): string {
  return fieldBytes(payload, at).toString('utf16le');
}

/** Each byte was rotated by four bits, then XORed with 0xA5. */
function passwordText(payload: Buffer): string {
  const bytes = fieldBytes(payload, field.password).map((byte) => {
    const mixed = byte ^ 0xa5;
    return ((mixed << 4) & 0xf0) | (mixed >>> 4);
  });
  return Buffer.from(bytes).toString('utf16le');
}

/**
 * Throws ProtocolError for what is no LOGIN7, SqlError for ways to log in that the sandbox lacks: integrated security
 * and a change of password.
 */
export function parseLogin(payload: Buffer): Login {
  if (payload.length < fixedLength || payload.readUInt32LE(0) > payload.length) {
    throw new ProtocolError(`LOGIN7 of ${payload.length} bytes`);
  }
  if ((payload[flagBytes.options2]! & integratedSecurity) !== 0) {
    const text =
      'Login failed. The login is from an untrusted domain and cannot be used with Integrated authentication.';
    throw new SqlError(18452, text, { class: 14 });
  }
  if ((payload[flagBytes.options3]! & changePassword) !== 0) {
    throw unsupported('a change of password at login');
  }
  return {
    tdsVersion: payload.readUInt32LE(4),
    packetSize: payload.readUInt32LE(8),
    request: {
      user: fieldText(payload, field.user),
      password: passwordText(payload),
      database: fieldText(payload, field.database),
      hostName: fieldText(payload, field.hostName),
      applicationName: fieldText(payload, field.application),
      readOnlyIntent: (payload[flagBytes.types]! & readOnlyIntent) !== 0,
    },
  };
}

const smallestPacket = 512;
const largestPacket = 32_767;
/** TLS records hold 16 KB, and SQL Server keeps the packets of encrypted connections within one. */
const largestEncryptedPacket = 16_383;

export function negotiatePacketSize(asked: number, encrypted: boolean): number {
  if (asked === 0) return initialPacketSize;
  return Math.min(Math.max(asked, smallestPacket), encrypted ? largestEncryptedPacket : largestPacket);
}

export interface LoginOutcome {
  readonly tdsVersion: number;
  readonly packetSize: number;
  readonly database: string;
  readonly collation: string;
  readonly serverName: string;
  readonly productVersion: ProductVersion;
}

const language = 'us_english';
const sqlInterface = 1;
const productName = 'Microsoft SQL Server';

function writeLoginAcknowledgement(writer: MessageWriter, outcome: LoginOutcome): void {
  const { tdsVersion, productVersion } = outcome;
  writer.sizedToken(tokens.loginAcknowledgement, () => {
    writer.uint8(sqlInterface);
    for (let shift = 24; shift >= 0; shift -= 8) writer.uint8((tdsVersion >>> shift) & 0xff);
    writer.shortText(productName);
    writer.uint8(productVersion.major);
    writer.uint8(productVersion.minor);
    writer.uint8(productVersion.build >>> 8);
    writer.uint8(productVersion.build & 0xff);
  });
}

/** No FEATUREEXTACK: no feature that clients may ask for is supported, and only supported ones are acknowledged. */
export function writeLoginResponse(writer: MessageWriter, outcome: LoginOutcome): void {
  const information = (number: number, state: number, message: string): void =>
    writeMessage(writer, { number, state, class: 0, message, procedure: '', line: 1 }, outcome.serverName);
  writeDatabaseChange(writer, outcome.database, 'master');
  information(5701, 2, `Changed database context to '${outcome.database}'.`);
  writeCollationChange(writer, outcome.collation, undefined);
  writeLanguageChange(writer, language);
  information(5703, 1, `Changed language setting to ${language}.`);
  writeLoginAcknowledgement(writer, outcome);
  writePacketSizeChange(writer, outcome.packetSize, initialPacketSize);
  writeDone(writer, { token: tokens.done, status: doneStatus.final, command: commandCodes.other });
}

export function writeLoginFailure(writer: MessageWriter, error: SqlError, serverName: string): void {
  writeMessage(writer, error.toMessage(), serverName);
  writeDone(writer, { token: tokens.done, status: doneStatus.error, command: commandCodes.other });
}
