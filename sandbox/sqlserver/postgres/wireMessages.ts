/** Messages of PostgreSQL's frontend/backend protocol 3.0 that the engine sends, and the ones it must take apart. */

/** A parameter value in its wire form: binary as a Buffer, text as a string. */
export type WireParameter = null | string | Buffer;

export function startupMessage(user: string, database: string, applicationName: string): Buffer {
  const settings = { user, database, application_name: applicationName, client_encoding: 'UTF8' };
  const text = Object.entries(settings)
    .map(([name, value]) => `${name}\0${value}\0`)
    .join('');
  const body = Buffer.from(`${text}\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(body.length + 8, 0);
  head.writeInt32BE(196_608, 4);
  return Buffer.concat([head, body]);
}

export function cancelMessage(processId: number, secret: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeInt32BE(12 + secret.length, 0);
  head.writeInt32BE(80_877_102, 4);
  head.writeInt32BE(processId, 8);
  return Buffer.concat([head, secret]);
}

export function simpleQuery(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const message = Buffer.allocUnsafe(length + 6);
  message[0] = 0x51;
  message.writeInt32BE(length + 5, 1);
  message.write(text, 5, 'utf8');
  message[length + 5] = 0;
  return message;
}

export const syncMessage = Buffer.from([0x53, 0, 0, 0, 4]);
export const terminateMessage = Buffer.from([0x58, 0, 0, 0, 4]);
export const copyDoneMessage = Buffer.from([0x63, 0, 0, 0, 4]);

export function copyFailMessage(reason: string): Buffer {
  const body = Buffer.from(`${reason}\0`);
  return Buffer.concat([header(0x66, body.length), body]);
}

/** Head of CopyData; the data follows. */
export function copyDataHeader(length: number): Buffer {
  return header(0x64, length);
}

function header(type: number, bodyLength: number): Buffer {
  const head = Buffer.allocUnsafe(5);
  head[0] = type;
  head.writeInt32BE(bodyLength + 4, 1);
  return head;
}

/**
 * Parse, Bind and Execute of an unnamed or named statement, without Sync.
 * @param statement name of a prepared statement; '' is the unnamed one
 * @param parse false when the named statement is prepared already
 * @param resultFormats one code for each result column (0 text, 1 binary)
 */
export function extendedQuery(
  statement: string,
  parse: boolean,
  text: string,
  parameterTypes: readonly number[],
  parameters: readonly WireParameter[],
  resultFormats: readonly number[],
): Buffer {
  const nameLength = Buffer.byteLength(statement);
  const textLength = parse ? Buffer.byteLength(text) : 0;
  const parseLength = parse ? 1 + 4 + nameLength + 1 + textLength + 1 + 2 + 4 * parameterTypes.length : 0;
  let bindLength = 1 + 4 + 1 + nameLength + 1 + 2 + 2 * parameters.length + 2 + 2 + 2 * resultFormats.length;
  for (const value of parameters) {
    bindLength += 4;
    if (value !== null) bindLength += typeof value === 'string' ? Buffer.byteLength(value) : value.length;
  }
  const message = Buffer.allocUnsafe(parseLength + bindLength + 10);
  let at = 0;
  if (parse) {
    message[at] = 0x50;
    at = message.writeInt32BE(parseLength - 1, at + 1);
    at += message.write(statement, at, 'utf8');
    message[at++] = 0;
    at += message.write(text, at, 'utf8');
    message[at++] = 0;
    at = message.writeInt16BE(parameterTypes.length, at);
    for (const type of parameterTypes) at = message.writeInt32BE(type, at);
  }
  message[at] = 0x42;
  at = message.writeInt32BE(bindLength - 1, at + 1);
  message[at++] = 0;
  at += message.write(statement, at, 'utf8');
  message[at++] = 0;
  at = message.writeUInt16BE(parameters.length, at);
  for (const value of parameters) at = message.writeInt16BE(typeof value === 'string' ? 0 : 1, at);
  at = message.writeUInt16BE(parameters.length, at);
  for (const value of parameters) {
    if (value === null) {
      at = message.writeInt32BE(-1, at);
    } else if (typeof value === 'string') {
      const written = message.write(value, at + 4, 'utf8');
      message.writeInt32BE(written, at);
      at += 4 + written;
    } else {
      at = message.writeInt32BE(value.length, at);
      at += value.copy(message, at);
    }
  }
  at = message.writeInt16BE(resultFormats.length, at);
  for (const format of resultFormats) at = message.writeInt16BE(format, at);
  message[at] = 0x45;
  message.writeInt32BE(9, at + 1);
  message[at + 5] = 0;
  message.writeInt32BE(0, at + 6);
  return message;
}

/** An error as PostgreSQL reports it. */
export class PostgresError extends Error {
  readonly code: string;
  readonly detail: string;
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  readonly constraint: string;
  /** Call stack of functions, where the error was raised inside one. */
  readonly where: string;

  constructor(fields: ReadonlyMap<string, string>) {
    super(fields.get('M') ?? 'unknown error');
    this.name = 'PostgresError';
    this.code = fields.get('C') ?? '';
    this.detail = fields.get('D') ?? '';
    this.schema = fields.get('s') ?? '';
    this.table = fields.get('t') ?? '';
    this.column = fields.get('c') ?? '';
    this.constraint = fields.get('n') ?? '';
    this.where = fields.get('W') ?? '';
  }
}

/** Body of ErrorResponse or NoticeResponse. */
export function readErrorFields(body: Buffer): Map<string, string> {
  const fields = new Map<string, string>();
  let at = 0;
  while (at < body.length && body[at] !== 0) {
    const end = body.indexOf(0, at + 1);
    fields.set(String.fromCharCode(body[at] ?? 0), body.toString('utf8', at + 1, end));
    at = end + 1;
  }
  return fields;
}
