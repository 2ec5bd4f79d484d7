import { DestinationSession } from '../../src/sqlserver/session.js';
import type { EnvironmentConfiguration } from '../../src/config.js';

/**
 * A session that calls `before` whenever it is about to commit, with the number of its commit, and goes on when that
 * resolves.
 */
export async function steppedSession(
  settings: EnvironmentConfiguration,
  before: (commit: number) => Promise<void> | void,
): Promise<DestinationSession> {
  const session = await DestinationSession.open(settings);
  const send = session.batch.bind(session);
  let commits = 0;
  session.batch = async (sql) => {
    if (sql.endsWith('COMMIT TRANSACTION;')) {
      commits += 1;
      await before(commits);
    }
    return send(sql);
  };
  return session;
}

/** Stops somebody at a point until somebody else has seen it there and lets it go on. */
export class Gate {
  #arrive: () => void = () => undefined;
  #open: () => void = () => undefined;
  readonly arrived = new Promise<void>((resolve) => (this.#arrive = resolve));
  readonly #opened = new Promise<void>((resolve) => (this.#open = resolve));

  /** Waits here until the gate is opened. */
  pass(): Promise<void> {
    this.#arrive();
    return this.#opened;
  }

  open(): void {
    this.#open();
  }
}
