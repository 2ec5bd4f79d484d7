import type { ConnectionConfiguration } from 'tedious';

/** How one environment's database is reached: an `environments` entry of the configuration. */
export interface ConnectionSettings {
  readonly server: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly encrypt: boolean;
  readonly trustServerCertificate: boolean;
  readonly readOnlyIntent: boolean;
}

export const applicationName = 'outsystems-refresh';

/** Milliseconds to connect and log in. */
export const connectTimeout = 15_000;

/** Milliseconds for one statement; batches are sized to seconds, so this only ends what hangs. */
export const requestTimeout = 15 * 60_000;

/** Largest packet that SQL Server takes; less under TLS, where its limit is 16,383 bytes. */
export function packetSize(encrypt: boolean): number {
  return encrypt ? 16_383 : 32_767;
}

/**
 * Settings of one dedicated connection. XACT_ABORT is on from the start, so an error or a time-out cannot leave a
 * transaction half open; the language is fixed, so that object names can be found in messages.
 */
export function tediousConfiguration(settings: ConnectionSettings): ConnectionConfiguration {
  return {
    server: settings.server,
    authentication: { type: 'default', options: { userName: settings.user, password: settings.password } },
    options: {
      port: settings.port,
      database: settings.database,
      encrypt: settings.encrypt,
      trustServerCertificate: settings.trustServerCertificate,
      readOnlyIntent: settings.readOnlyIntent,
      appName: applicationName,
      packetSize: packetSize(settings.encrypt),
      connectTimeout,
      requestTimeout,
      cancelTimeout: 5_000,
      abortTransactionOnError: true,
      language: 'us_english',
      useUTC: true,
      useColumnNames: false,
      rowCollectionOnRequestCompletion: false,
      rowCollectionOnDone: false,
    },
  };
}
