import { setTimeout as delay } from 'node:timers/promises';
import type { Chance } from './chance.js';
import type { ChaosStand } from './chaosStand.js';
import { passwords, type Destination } from './destination.js';

/** Something that goes wrong at a moment of a round. */
export interface Disturbance {
  /** Milliseconds after the round began. */
  readonly at: number;
  readonly what: string;
  readonly happen: () => Promise<void>;
}

const workerVariables = { PROD_PASSWORD: passwords.prod_reader, QA_PASSWORD: passwords.qa_refresh };
/** Of the activity calls, so many are made twice. */
export const doubledShare = 0.25;

export function startWorker(stand: ChaosStand, name = 'one', share = doubledShare): Promise<void> {
  return stand.startWorker(name, workerVariables, share);
}

/** Parts of the product's statements, so that a fault meets one of these. */
const statements = ['COMMIT', 'sp_getapplock', 'INSERT', 'UPDATE', 'DELETE', 'MERGE', 'SELECT', '#stage', 'ledger'];

/**
 * What happens to one round, chosen by chance alone: the same numbers choose the same.
 * @param duration milliseconds that an undisturbed run takes
 */
export function disturbances(
  chance: Chance,
  stand: ChaosStand,
  destination: Destination,
  duration: number,
): Disturbance[] {
  const kinds = [
    () => killWorker(chance, stand),
    () => cutConnections(stand),
    () => cutSoon(chance, stand),
    () => restartSqlServer(chance, stand),
    () => restartTemporal(chance, stand),
    () => failRequests(chance, stand),
    () => failRequests(chance, stand),
    () => holdRequest(chance, stand),
    () => expireLogin(chance, stand),
    () => rivalLock(chance, destination),
    () => rivalApplicationLock(chance, destination),
  ];
  const number = chance.between(3, 6);
  return Array.from({ length: number }, () => ({ at: chance.upTo(duration), ...chance.oneOf(kinds)() })).sort(
    (a, b) => a.at - b.at,
  );
}

type Happening = Omit<Disturbance, 'at'>;

function killWorker(chance: Chance, stand: ChaosStand): Happening {
  const down = chance.upTo(500);
  return {
    what: 'the worker is killed',
    happen: async () => {
      await stand.killWorker('one');
      await delay(down);
      await startWorker(stand);
    },
  };
}

function cutConnections(stand: ChaosStand): Happening {
  return {
    what: 'database connections are cut',
    happen: () => {
      stand.proxy.cut();
      return Promise.resolve();
    },
  };
}

function cutSoon(chance: Chance, stand: ChaosStand): Happening {
  const pieces = chance.between(1, 60);
  return {
    what: `database connections are cut after ${pieces} pieces`,
    happen: () => {
      stand.proxy.cutAfter(pieces);
      return Promise.resolve();
    },
  };
}

function restartSqlServer(chance: Chance, stand: ChaosStand): Happening {
  const down = chance.upTo(500);
  return { what: 'SQL Server is killed', happen: () => stand.restartSqlServer(down) };
}

function restartTemporal(chance: Chance, stand: ChaosStand): Happening {
  const down = chance.upTo(500);
  return { what: 'Temporal is killed', happen: () => stand.restartTemporal(down) };
}

function failRequests(chance: Chance, stand: ChaosStand): Happening {
  const number = chance.oneOf([1205, 1222, 9002, 701, 40613]);
  const fault = { number, matching: chance.oneOf(statements), skip: chance.upTo(10), times: chance.between(1, 2) };
  return { what: `error ${number} at ${fault.matching}`, happen: () => stand.arm(fault) };
}

function holdRequest(chance: Chance, stand: ChaosStand): Happening {
  const fault = { delay: chance.between(500, 3_000), matching: chance.oneOf(statements), skip: chance.upTo(10) };
  return { what: `${fault.matching} takes ${fault.delay} ms`, happen: () => stand.arm(fault) };
}

function expireLogin(chance: Chance, stand: ChaosStand): Happening {
  const number = chance.oneOf([18487, 18488]);
  const matching = chance.oneOf(['prod_reader', 'qa_refresh']);
  return {
    what: `the login ${matching} has expired (${number})`,
    happen: () => stand.arm({ at: 'login', number, matching, times: 2 }),
  };
}

function rivalLock(chance: Chance, destination: Destination): Happening {
  const table = chance.oneOf([...destination.tables, 'OSSYS_USER', 'OSSYS_BPM_PROCESS', 'OSSYS_BPM_ACTIVITY']);
  const held = chance.between(200, 1_500);
  return {
    what: `${table} is locked by another session for ${held} ms`,
    happen: () => hold(destination, `SELECT TOP (1) * FROM [dbo].[${table}] WITH (TABLOCKX, HOLDLOCK);`, held),
  };
}

function rivalApplicationLock(chance: Chance, destination: Destination): Happening {
  const held = chance.between(200, 1_500);
  return {
    what: `the application lock is held for ${held} ms`,
    happen: () =>
      hold(
        destination,
        "EXEC sp_getapplock @Resource = N'refresh', @LockMode = 'Exclusive', @LockOwner = 'Transaction', @LockTimeout = 60000;",
        held,
      ),
  };
}

async function hold(destination: Destination, lock: string, milliseconds: number): Promise<void> {
  await destination
    .in('qa', async (pool) => {
      await pool.request().batch(`BEGIN TRANSACTION; ${lock}`);
      await delay(milliseconds);
      await pool.request().batch('ROLLBACK TRANSACTION;');
    })
    // The server may be killed meanwhile, and the lock with it.
    .catch(() => undefined);
}
