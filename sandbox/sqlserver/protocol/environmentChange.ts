import type { EnvironmentChange } from '../engine/api.js';
import { collation } from './collations.js';
import type { MessageWriter } from './messageWriter.js';
import { tokens } from './tokens.js';

/** Types of ENVCHANGE: [MS-TDS] 2.2.7.9. */
const changeTypes = {
  database: 1,
  language: 2,
  packetSize: 4,
  collation: 7,
  beginTransaction: 8,
  commitTransaction: 9,
  rollbackTransaction: 10,
  resetConnection: 18,
} as const;

function writeTextChange(writer: MessageWriter, type: number, newValue: string, oldValue: string): void {
  writer.sizedToken(tokens.environmentChange, () => {
    writer.uint8(type);
    writer.shortText(newValue);
    writer.shortText(oldValue);
  });
}

function writeBytesChange(writer: MessageWriter, type: number, newValue: Buffer, oldValue: Buffer): void {
  writer.sizedToken(tokens.environmentChange, () => {
    writer.uint8(type);
    writer.uint8(newValue.length);
    writer.bytes(newValue);
    writer.uint8(oldValue.length);
    writer.bytes(oldValue);
  });
}

const nothing = Buffer.alloc(0);

export function writeDatabaseChange(writer: MessageWriter, newName: string, oldName: string): void {
  writeTextChange(writer, changeTypes.database, newName, oldName);
}

export function writeLanguageChange(writer: MessageWriter, language: string): void {
  writeTextChange(writer, changeTypes.language, language, '');
}

export function writePacketSizeChange(writer: MessageWriter, newSize: number, oldSize: number): void {
  writeTextChange(writer, changeTypes.packetSize, String(newSize), String(oldSize));
}

/** Throws SqlError for collations the protocol lacks. */
export function writeCollationChange(writer: MessageWriter, newName: string, oldName: string | undefined): void {
  const oldBytes = oldName === undefined ? nothing : collation(oldName).bytes;
  writeBytesChange(writer, changeTypes.collation, collation(newName).bytes, oldBytes);
}

/** The answer to RESETCONNECTION of a request's first packet. */
export function writeResetAcknowledgement(writer: MessageWriter): void {
  writeBytesChange(writer, changeTypes.resetConnection, nothing, nothing);
}

function descriptorBytes(descriptor: bigint): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, descriptor));
  return bytes;
}

export function writeEnvironmentChange(writer: MessageWriter, change: EnvironmentChange): void {
  switch (change.kind) {
    case 'database':
      return writeDatabaseChange(writer, change.newValue, change.oldValue);
    case 'beginTransaction':
      return writeBytesChange(writer, changeTypes.beginTransaction, descriptorBytes(change.descriptor), nothing);
    case 'commitTransaction':
      return writeBytesChange(writer, changeTypes.commitTransaction, nothing, descriptorBytes(change.descriptor));
    case 'rollbackTransaction':
      return writeBytesChange(writer, changeTypes.rollbackTransaction, nothing, descriptorBytes(change.descriptor));
  }
}
