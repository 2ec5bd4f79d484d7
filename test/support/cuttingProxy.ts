import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

interface Link {
  readonly client: Socket;
  readonly server: Socket;
}

/**
 * A TCP proxy before a database server that loses connections as a network does. It does not look at what it carries,
 * so it works under TLS as well.
 */
export class CuttingProxy {
  readonly #links = new Set<Link>();
  #swallowing: (() => void) | null = null;
  #chunksLeft: number | null = null;

  private constructor(
    private readonly listener: Server,
    readonly port: number,
  ) {}

  /** Carries to a port of the loopback, on which a server may come and go. */
  static async start(target: { readonly host: string; readonly port: number }): Promise<CuttingProxy> {
    const listener = createServer((client) => proxy.#carry(client, connect(target.port, target.host)));
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject);
      listener.listen(0, '127.0.0.1', resolve);
    });
    const proxy = new CuttingProxy(listener, (listener.address() as AddressInfo).port);
    return proxy;
  }

  /** Ends all connections at once, without a word to either side. Returns how many. */
  cut(): number {
    const links = [...this.#links];
    for (const { client, server } of links) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
    return links.length;
  }

  /** Cuts as soon as that many more pieces have passed, in whichever direction. */
  cutAfter(pieces: number): void {
    this.#chunksLeft = pieces;
  }

  /**
   * From now on requests still reach the server, its answers nobody: the first answer cuts the connections.
   * @returns resolves when that has happened
   */
  cutAtNextAnswer(): Promise<void> {
    return new Promise((resolve) => (this.#swallowing = resolve));
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.listener.close(resolve));
    this.cut();
    await closed;
  }

  #carry(client: Socket, server: Socket): void {
    const link = { client, server };
    this.#links.add(link);
    client.setNoDelay(true);
    server.setNoDelay(true);
    client.on('data', (chunk) => {
      if (!server.write(chunk)) client.pause();
      this.#count();
    });
    server.on('data', (chunk) => {
      if (this.#swallowing !== null) {
        this.#swallowing();
        this.#swallowing = null;
        this.cut();
        return;
      }
      if (!client.write(chunk)) server.pause();
      this.#count();
    });
    client.on('drain', () => server.resume());
    server.on('drain', () => client.resume());
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#links.delete(link);
        other.destroy();
      });
    }
  }

  #count(): void {
    if (this.#chunksLeft === null) return;
    this.#chunksLeft -= 1;
    if (this.#chunksLeft > 0) return;
    this.#chunksLeft = null;
    this.cut();
  }
}
