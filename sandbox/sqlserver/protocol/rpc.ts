import { SqlError, type SqlType, type SqlValue } from '../engine/api.js';
import { unsupported } from '../tsql/unsupported.js';
import type { ByteCursor } from './byteCursor.js';
import type { CodePage } from './codePages.js';
import { ProtocolError } from './packets.js';
import { readTypeInfo } from './types/decoders.js';

/** RPC requests: [MS-TDS] 2.2.6.6. */

const procedureNames: Readonly<Record<number, string>> = {
  1: 'sp_cursor',
  2: 'sp_cursoropen',
  3: 'sp_cursorprepare',
  4: 'sp_cursorexecute',
  5: 'sp_cursorprepexec',
  6: 'sp_cursorunprepare',
  7: 'sp_cursorfetch',
  8: 'sp_cursoroption',
  9: 'sp_cursorclose',
  10: 'sp_executesql',
  11: 'sp_prepare',
  12: 'sp_execute',
  13: 'sp_prepexec',
  14: 'sp_prepexecrpc',
  15: 'sp_unprepare',
};

export interface RpcParameter {
  /** With its leading '@'; '' when passed by position. */
  readonly name: string;
  readonly output: boolean;
  /** The client asks for the parameter's default instead of giving a value. */
  readonly isDefault: boolean;
  readonly type: SqlType;
  readonly value: SqlValue;
}

export interface RpcCall {
  readonly procedure: string;
  readonly parameters: readonly RpcParameter[];
  /** Why the call cannot be made: a parameter's type or length. It is then the message's last call. */
  readonly refusal?: SqlError;
}

const procedureIdFollows = 0xffff;
const separators = { call: 0xff, callNotExecuted: 0xfe } as const;
const parameterStatus = { byReference: 0x01, defaultValue: 0x02, encrypted: 0x08 } as const;

function readProcedureName(cursor: ByteCursor): string {
  const length = cursor.uint16();
  if (length !== procedureIdFollows) return cursor.utf16(length);
  const id = cursor.uint16();
  const name = procedureNames[id];
  if (name === undefined) throw new ProtocolError(`procedure id ${id}`);
  return name;
}

function invalidLength(position: number, name: string, wireType: number): SqlError {
  const type = `0x${wireType.toString(16).toUpperCase().padStart(2, '0')}`;
  const text =
    'The incoming tabular data stream (TDS) remote procedure call (RPC) protocol stream is incorrect. ' +
    `Parameter ${position} ("${name}"): Data type ${type} has an invalid data length or metadata length.`;
  return new SqlError(8016, text);
}

/** Throws SqlError for a type the sandbox refuses, and for a value longer than its type says. */
function readParameter(cursor: ByteCursor, page: CodePage, position: number): RpcParameter {
  const name = cursor.shortText();
  const status = cursor.uint8();
  if ((status & parameterStatus.encrypted) !== 0) throw unsupported('encrypted parameters');
  const wireType = cursor.buffer[cursor.position] ?? 0;
  try {
    const { type, parameter } = readTypeInfo(cursor, page);
    const value = parameter(cursor);
    const isDefault = (status & parameterStatus.defaultValue) !== 0;
    return { name, output: (status & parameterStatus.byReference) !== 0, isDefault, type, value };
  } catch (error) {
    throw error instanceof ProtocolError ? invalidLength(position, name, wireType) : error;
  }
}

function atSeparator(cursor: ByteCursor): boolean {
  const next = cursor.buffer[cursor.position];
  return next === separators.call || next === separators.callNotExecuted;
}

function readCall(cursor: ByteCursor, page: CodePage): RpcCall {
  const procedure = readProcedureName(cursor);
  cursor.uint16();
  const parameters: RpcParameter[] = [];
  try {
    while (cursor.remaining > 0 && !atSeparator(cursor)) {
      parameters.push(readParameter(cursor, page, parameters.length + 1));
    }
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    cursor.position = cursor.end;
    return { procedure, parameters, refusal: error };
  }
  return { procedure, parameters };
}

/** Reads all calls of a message. `page` is the code page of text whose collation the client left empty. */
export function readRpcCalls(cursor: ByteCursor, page: CodePage): RpcCall[] {
  const calls: RpcCall[] = [];
  while (cursor.remaining > 0) {
    calls.push(readCall(cursor, page));
    if (cursor.remaining === 0) break;
    const separator = cursor.uint8();
    // A call that the client does not want executed still gets no answer; the next one does.
    if (separator === separators.callNotExecuted) calls.pop();
  }
  return calls;
}
