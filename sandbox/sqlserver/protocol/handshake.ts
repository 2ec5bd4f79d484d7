import type { SecureContext } from 'node:tls';
import { SqlError, type Engine, type EngineSession } from '../engine/api.js';
import { unsupported } from '../tsql/unsupported.js';
import { negotiatePacketSize, parseLogin, writeLoginFailure, writeLoginResponse, type Login } from './login.js';
import type { MessageWriter } from './messageWriter.js';
import { ProtocolError } from './packets.js';
import {
  negotiateEncryption,
  parsePrelogin,
  preloginResponse,
  type EncryptionPolicy,
  type ProductVersion,
} from './prelogin.js';
import type { ResponseContext } from './responseSink.js';
import { capabilitiesOf, negotiateVersion } from './tdsVersions.js';
import type { Transport } from './transport.js';

export interface HandshakeOptions {
  readonly engine: Engine;
  readonly encryption: EncryptionPolicy;
  /** Certificate and key; asked for when the first client wants encryption. */
  readonly secureContext: () => Promise<SecureContext>;
  readonly serverName: string;
  readonly productVersion: ProductVersion;
  /** Collation of databases whose session names none. */
  readonly defaultCollation: string;
}

export interface OpenedSession {
  readonly session: EngineSession;
  readonly context: ResponseContext;
}

/** What comes before the first request of a connection: PRELOGIN, TLS, LOGIN7. */
export class Handshake {
  private preloginDone = false;
  private loginEncryptionOnly = false;

  constructor(
    private readonly transport: Transport,
    private readonly writer: MessageWriter,
    private readonly options: HandshakeOptions,
  ) {}

  /** Throws ProtocolError if the message is no PRELOGIN, or a second one. */
  async prelogin(payload: Buffer): Promise<void> {
    if (this.preloginDone) throw new ProtocolError('a second PRELOGIN');
    this.preloginDone = true;
    const outcome = negotiateEncryption(parsePrelogin(payload).encryption, this.options.encryption);
    const secureContext = outcome.tls === 'none' ? undefined : await this.options.secureContext();
    this.writer.bytes(preloginResponse(this.options.productVersion, outcome.answer));
    this.writer.endMessage();
    this.loginEncryptionOnly = outcome.tls === 'login';
    if (secureContext !== undefined) this.transport.startTls(secureContext);
  }

  /** Undefined if the login was refused: the client has been told and the connection ends. */
  async logIn(payload: Buffer): Promise<OpenedSession | undefined> {
    if (this.options.encryption === 'required' && !this.transport.encrypted) {
      throw new ProtocolError('login without encryption');
    }
    if (this.loginEncryptionOnly) this.transport.endTls();
    try {
      const login = parseLogin(payload);
      const tdsVersion = negotiateVersion(login.tdsVersion);
      if (tdsVersion === undefined) throw unsupported('TDS before 7.2');
      const session = await this.options.engine.login(login.request);
      return await this.welcome(session, login, tdsVersion);
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      writeLoginFailure(this.writer, error, this.options.serverName);
      this.writer.endMessage();
      this.transport.end();
      return undefined;
    }
  }

  private async welcome(session: EngineSession, login: Login, tdsVersion: number): Promise<OpenedSession> {
    const { serverName, productVersion, defaultCollation } = this.options;
    const context: ResponseContext = {
      serverName,
      capabilities: capabilitiesOf(tdsVersion),
      collation: () => session.databaseCollation ?? defaultCollation,
    };
    const packetSize = negotiatePacketSize(login.packetSize, this.transport.encrypted);
    this.writer.spid = session.spid;
    try {
      const { database } = session;
      const collation = context.collation();
      writeLoginResponse(this.writer, { tdsVersion, packetSize, database, collation, serverName, productVersion });
    } catch (error) {
      await session.close();
      throw error;
    }
    this.writer.endMessage();
    this.writer.setPacketSize(packetSize);
    return { session, context };
  }
}
