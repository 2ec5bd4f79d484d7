import type { ColumnMetadata, SqlMessage, SqlType } from '../engine/api.js';
import type { MessageWriter } from './messageWriter.js';
import { hasTableName, writeTypeInfo } from './types/typeInfo.js';

/** Tokens of response messages: [MS-TDS] 2.2.7. */
export const tokens = {
  returnStatus: 0x79,
  columnMetadata: 0x81,
  error: 0xaa,
  info: 0xab,
  returnValue: 0xac,
  loginAcknowledgement: 0xad,
  row: 0xd1,
  nullBitmapRow: 0xd2,
  environmentChange: 0xe3,
  done: 0xfd,
  doneProcedure: 0xfe,
  doneInProcedure: 0xff,
} as const;

export const doneStatus = {
  final: 0,
  more: 0x01,
  error: 0x02,
  count: 0x10,
  attention: 0x20,
  serverError: 0x100,
} as const;

/** CurCmd of DONE tokens, as SQL Server fills it in. */
export const commandCodes = {
  select: 0xc1,
  insert: 0xc3,
  delete: 0xc4,
  update: 0xc5,
  merge: 0x117,
  execute: 0xe0,
  other: 0xfd,
} as const;

export interface Done {
  readonly token: typeof tokens.done | typeof tokens.doneProcedure | typeof tokens.doneInProcedure;
  readonly status: number;
  readonly command: number;
  readonly rowCount?: bigint | undefined;
}

export function writeDone(writer: MessageWriter, done: Done, extraStatus = 0): void {
  writer.uint8(done.token);
  writer.uint16(done.status | extraStatus | (done.rowCount === undefined ? 0 : doneStatus.count));
  writer.uint16(done.command);
  writer.uint64(done.rowCount ?? 0n);
}

/** Classes from 11 on are errors, those below informational messages. */
export function isError(message: SqlMessage): boolean {
  return message.class > 10;
}

/** Keeps the whole token below the 65,535 bytes its length can say. */
const longestMessage = 16_000;

export function writeMessage(writer: MessageWriter, message: SqlMessage, serverName: string): void {
  writer.sizedToken(isError(message) ? tokens.error : tokens.info, () => {
    writer.uint32(message.number >>> 0);
    writer.uint8(message.state);
    writer.uint8(message.class);
    writer.text(message.message.slice(0, longestMessage));
    writer.shortText(serverName);
    writer.shortText(message.procedure);
    writer.uint32(message.line >>> 0);
  });
}

const columnFlags = { nullable: 0x01, updateUnknown: 0x08, identity: 0x10 } as const;
/** 'No metadata' of a COLMETADATA token would be 0xFFFF. */
const mostColumns = 4096;

function flagsOf(column: ColumnMetadata): number {
  const nullable = column.nullable ? columnFlags.nullable : 0;
  return nullable | (column.identity === true ? columnFlags.identity : columnFlags.updateUnknown);
}

/** Throws SqlError for collations the protocol lacks. */
export function writeColumnMetadata(
  writer: MessageWriter,
  columns: readonly ColumnMetadata[],
  defaultCollation: string,
): void {
  if (columns.length > mostColumns) throw new RangeError(`a result of ${columns.length} columns`);
  writer.uint8(tokens.columnMetadata);
  writer.uint16(columns.length);
  for (const column of columns) {
    writer.uint32(0);
    writer.uint16(flagsOf(column));
    writeTypeInfo(writer, column.type, column.nullable, defaultCollation);
    if (hasTableName(column.type)) writer.uint8(0);
    writer.shortText(column.name);
  }
}

export function writeReturnStatus(writer: MessageWriter, status: number): void {
  writer.uint8(tokens.returnStatus);
  writer.uint32(status >>> 0);
}

const outputParameter = 0x01;

/** All of a RETURNVALUE but the value, which its encoder writes next. */
export function writeReturnValueHeader(
  writer: MessageWriter,
  returned: { readonly name: string; readonly ordinal: number; readonly type: SqlType },
  defaultCollation: string,
): void {
  writer.uint8(tokens.returnValue);
  writer.uint16(returned.ordinal);
  writer.shortText(returned.name);
  writer.uint8(outputParameter);
  writer.uint32(0);
  writer.uint16(columnFlags.nullable);
  writeTypeInfo(writer, returned.type, true, defaultCollation);
}
