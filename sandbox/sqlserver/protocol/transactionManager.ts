import { type EngineSession, type IsolationLevel, type ResultSink } from '../engine/api.js';
import { unsupported } from '../tsql/unsupported.js';
import type { ByteCursor } from './byteCursor.js';
import { ProtocolError } from './packets.js';

/** Transaction manager requests: [MS-TDS] 2.2.6.9. */

const requestTypes = { begin: 5, commit: 7, rollback: 8, save: 9 } as const;
const distributedRequests: Readonly<Record<number, string>> = {
  0: 'TM_GET_DTC_ADDRESS',
  1: 'TM_PROPAGATE_XACT',
  6: 'TM_PROMOTE_XACT',
};
const beginsAnother = 0x01;

const isolationLevels: readonly (IsolationLevel | undefined)[] = [
  undefined,
  'readUncommitted',
  'readCommitted',
  'repeatableRead',
  'serializable',
  'snapshot',
];

type Run = (session: EngineSession, sink: ResultSink) => Promise<void>;

function readIsolation(cursor: ByteCursor): IsolationLevel | undefined {
  const value = cursor.uint8();
  if (value >= isolationLevels.length) throw new ProtocolError(`isolation level ${value}`);
  return isolationLevels[value];
}

/** A byte with the number of bytes, then UTF-16. */
function readName(cursor: ByteCursor): string {
  const bytes = cursor.uint8();
  if (bytes % 2 !== 0) throw new ProtocolError('transaction name of odd length');
  return cursor.utf16(bytes / 2);
}

function readBegin(cursor: ByteCursor): Run {
  const isolation = readIsolation(cursor);
  const name = readName(cursor);
  return (session, sink) => session.beginTransaction(isolation, name, sink);
}

/** Commits and rollbacks may ask for a transaction to begin right after. */
function readEnd(cursor: ByteCursor, end: (name: string) => Run): Run {
  const name = readName(cursor);
  const endThis = end(name);
  const flags = cursor.remaining > 0 ? cursor.uint8() : 0;
  if ((flags & beginsAnother) === 0) return endThis;
  const beginNext = readBegin(cursor);
  return async (session, sink) => {
    await endThis(session, sink);
    await beginNext(session, sink);
  };
}

function readSave(cursor: ByteCursor): Run {
  const name = readName(cursor);
  return (session, sink) => session.saveTransaction(name, sink);
}

/** What the request asks the session to do. Refuses distributed transactions by name when run. */
export function readTransactionRequest(cursor: ByteCursor): Run {
  const type = cursor.uint16();
  switch (type) {
    case requestTypes.begin:
      return readBegin(cursor);
    case requestTypes.commit:
      return readEnd(cursor, (name) => (session, sink) => session.commitTransaction(name, sink));
    case requestTypes.rollback:
      return readEnd(cursor, (name) => (session, sink) => session.rollbackTransaction(name, sink));
    case requestTypes.save:
      return readSave(cursor);
    default: {
      const name = distributedRequests[type];
      if (name === undefined) throw new ProtocolError(`transaction manager request ${type}`);
      return () => Promise.reject(unsupported(name));
    }
  }
}
