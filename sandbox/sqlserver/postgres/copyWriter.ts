import type { Socket } from 'node:net';
import type { CommandResult } from './connection.js';
import { copyDataHeader, copyDoneMessage, copyFailMessage } from './wireMessages.js';

export interface CopyWriter {
  /** Takes a block of COPY data; a promise means "wait". `released` is called when the block may be written to again. */
  write(data: Buffer, released?: () => void): void | Promise<void>;
  /** Ends the copy and gives the number of rows. */
  finish(): Promise<number>;
  /** Gives up the copy; nothing of it stays. */
  fail(reason: string): Promise<void>;
}

/**
 * Writes the data of a COPY that PostgreSQL waits for.
 * @param result of the command, which ends when the data does
 */
export function copyWriter(socket: Socket, result: Promise<CommandResult>): CopyWriter {
  return {
    write: (data, released) => {
      socket.cork();
      socket.write(copyDataHeader(data.length));
      const taken = socket.write(data, (error) => (error ? undefined : released?.()));
      socket.uncork();
      // No event tells of the end of a connection that is gone already.
      if (taken || socket.destroyed) return undefined;
      return new Promise((resolve) => {
        const proceed = () => {
          socket.off('drain', proceed).off('close', proceed);
          resolve();
        };
        socket.once('drain', proceed).once('close', proceed);
      });
    },
    finish: async () => {
      socket.write(copyDoneMessage);
      return (await result).rowCount;
    },
    fail: async (reason) => {
      socket.write(copyFailMessage(reason));
      await result.catch(() => undefined);
    },
  };
}
