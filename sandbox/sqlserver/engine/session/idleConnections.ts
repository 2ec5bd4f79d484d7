import { PostgresConnection, type PostgresEndpoint } from '../../postgres/connection.js';

const kept = 16;

/**
 * PostgreSQL connections that ended sessions have left: a new one costs PostgreSQL a process, which then reads its
 * catalog anew, more than most sessions ask of it.
 */
export class IdleConnections {
  private readonly idle: PostgresConnection[] = [];
  private closed = false;

  constructor(
    private readonly endpoint: PostgresEndpoint,
    private readonly database: string,
  ) {}

  /** A connection on which nothing is set up. */
  async take(): Promise<PostgresConnection> {
    for (let connection = this.idle.pop(); connection !== undefined; connection = this.idle.pop())
      if (connection.isOpen) return connection;
    return PostgresConnection.open(this.endpoint, this.database, 'sandbox session');
  }

  /** Takes the connection of a session that has ended. One that is still at work is closed, which ends that work. */
  async giveBack(connection: PostgresConnection): Promise<void> {
    try {
      const usable = connection.isOpen && !connection.isBusy && connection.transactionStatus === 'idle';
      if (usable && !this.closed && this.idle.length < kept) {
        await connection.reset();
        // Others may have come back meanwhile.
        if (!this.closed && this.idle.length < kept) {
          this.idle.push(connection);
          return;
        }
      }
    } catch {
      // PostgreSQL is gone, or what was cancelled last was this.
    }
    connection.close();
  }

  close(): void {
    this.closed = true;
    for (const connection of this.idle.splice(0)) connection.close();
  }
}
