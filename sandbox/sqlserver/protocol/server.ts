import { createServer, type AddressInfo } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { Engine } from '../engine/api.js';
import { createServerCertificate, type ServerCertificate } from './certificate.js';
import { collation, defaultCollationName } from './collations.js';
import { TdsConnection } from './connection.js';
import type { EncryptionPolicy, ProductVersion } from './prelogin.js';

export type { EncryptionPolicy, ProductVersion } from './prelogin.js';
export { createServerCertificate, type ServerCertificate } from './certificate.js';

export interface ListenOptions {
  readonly engine: Engine;
  /** Loopback unless told otherwise. */
  readonly host?: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** 'optional' (default) lets each client choose; 'off' offers none; 'required' refuses clients without. */
  readonly encryption?: EncryptionPolicy;
  /** Default: a self-signed one made at start. Pass one to spare the time (createServerCertificate makes one). */
  readonly certificate?: ServerCertificate;
  /** What messages and @@SERVERNAME call the server. */
  readonly serverName?: string;
  readonly productVersion?: ProductVersion;
  /** Collation of databases whose session names none. Throws SqlError if the protocol lacks it. */
  readonly defaultCollation?: string;
  /** Told of errors that are no SqlError: defects of the sandbox. Clients get error 50000. */
  readonly onInternalError?: (error: unknown) => void;
}

export interface TdsListener {
  readonly port: number;
  /** Ends all connections and their sessions; the engine stays open. */
  close(): Promise<void>;
}

const sqlServer2022: ProductVersion = { major: 16, minor: 0, build: 1000 };

function secureContextSource(options: ListenOptions): () => Promise<SecureContext> {
  if (options.encryption === 'off') return () => Promise.reject(new Error('encryption is off'));
  const certificate =
    options.certificate === undefined ? createServerCertificate() : Promise.resolve(options.certificate);
  // TDS 7 clients speak no TLS 1.3: its handshake does not fit into PRELOGIN packets.
  const made = certificate.then((pems) => createSecureContext({ ...pems, maxVersion: 'TLSv1.2' }));
  made.catch(() => undefined);
  return () => made;
}

/**
 * Listens for TDS 7.2 to 7.4 clients ([MS-TDS]) and runs their requests on the engine. Rejects if the port is taken.
 */
export async function listenTds(options: ListenOptions): Promise<TdsListener> {
  const connections = new Set<TdsConnection>();
  const defaultCollation = collation(options.defaultCollation ?? defaultCollationName).name;
  const connectionOptions = {
    engine: options.engine,
    encryption: options.encryption ?? 'optional',
    secureContext: secureContextSource(options),
    serverName: options.serverName ?? 'SANDBOX',
    productVersion: options.productVersion ?? sqlServer2022,
    defaultCollation,
    onInternalError: options.onInternalError ?? (() => undefined),
  };
  const server = createServer((socket) => {
    const connection = new TdsConnection(socket, connectionOptions);
    connections.add(connection);
    void connection.closed.then(() => connections.delete(connection));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host ?? '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const stopped = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connection of connections) connection.destroy();
      await Promise.all([...connections].map((connection) => connection.closed));
      await stopped;
    },
  };
}
