/** The platform's scheduler, as far as a refresh can see it: it empties the event queues of enabled applications. */
import type mssql from 'mssql';
import { setTimeout as delay } from 'node:timers/promises';
import { applicationStateTable } from './applicationState.js';
import { connect, type ServerAddress } from './write/connection.js';

const interval = 200;
const rowsAtOnce = 100;

export interface Scheduler {
  /** Ends after the statement under way. */
  stop(): Promise<void>;
  /** Why the last look failed, if it did; the scheduler goes on nevertheless. */
  lastError(): Error | undefined;
}

/** A consumed event is deleted; no process is run. */
function consume(queue: string): string {
  return `DELETE TOP (${rowsAtOnce}) q FROM [dbo].[${queue}] q
    INNER JOIN [dbo].[OSSYS_ESPACE] e ON e.[ID] = q.[ESPACE_ID] AND e.[IS_ACTIVE] = 1
    WHERE NOT EXISTS (SELECT 1 FROM [dbo].[${applicationStateTable}] s WHERE s.[KEY] = e.[SS_KEY] AND s.[IS_ENABLED] = 0)
    AND NOT EXISTS (
      SELECT 1 FROM [dbo].[OSSYS_MODULE] m
      INNER JOIN [dbo].[OSSYS_APP_DEFINITION_MODULE] d ON d.[MODULE_ID] = m.[ID]
      INNER JOIN [dbo].[OSSYS_APPLICATION] a ON a.[ID] = d.[APPLICATION_ID]
      INNER JOIN [dbo].[${applicationStateTable}] s ON s.[KEY] = a.[KEY]
      WHERE m.[ESPACE_ID] = e.[ID] AND s.[IS_ENABLED] = 0);`;
}

/** One look: at most a hundred rows of each queue, each queue in a transaction of its own. Returns how many rows went. */
export async function consumeQueues(pool: mssql.ConnectionPool): Promise<number> {
  let consumed = 0;
  for (const queue of ['OSSYS_BPM_EVENT', 'OSSYS_BPM_EVENT_QUEUE']) {
    const result = await pool.request().batch(consume(queue));
    consumed += result.rowsAffected[0] ?? 0;
  }
  return consumed;
}

/** Starts a scheduler for one environment; it looks every 200 ms until stopped. */
export async function startScheduler(options: ServerAddress & { readonly database: string }): Promise<Scheduler> {
  const pool = await connect(options, options.database);
  const stopping = new AbortController();
  let failure: Error | undefined;
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await consumeQueues(pool);
        failure = undefined;
      } catch (error) {
        failure = error instanceof Error ? error : new Error(String(error));
      }
      await delay(interval, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const done = loop();
  return {
    lastError: () => failure,
    stop: async () => {
      stopping.abort();
      await done;
      await pool.close();
    },
  };
}
