import type { ByteCursor } from './byteCursor.js';
import { ProtocolError } from './packets.js';

/** ALL_HEADERS, which SQL batches, RPC and transaction manager requests start with: [MS-TDS] 2.2.5.3. */

const transactionDescriptorHeader = 2;
const headerPrefix = 6;

export interface RequestHeaders {
  /** Undefined if the client sent no such header. */
  readonly transactionDescriptor: bigint | undefined;
}

export function readRequestHeaders(cursor: ByteCursor): RequestHeaders {
  const end = cursor.position + cursor.uint32();
  if (end > cursor.end) throw new ProtocolError('headers beyond the end of the message');
  let transactionDescriptor: bigint | undefined;
  while (cursor.position < end) {
    const next = cursor.position + cursor.uint32();
    if (next > end || next < cursor.position + headerPrefix - 4) throw new ProtocolError('header of impossible length');
    if (cursor.uint16() === transactionDescriptorHeader) transactionDescriptor = cursor.uint64();
    cursor.position = next;
  }
  return { transactionDescriptor };
}
