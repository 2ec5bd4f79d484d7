interface Held {
  users: number;
  readonly server: Promise<{ readonly stop: () => Promise<void> }>;
}

/** Each project's global setup has modules of its own; what they share lives on the process. */
const registry = Symbol.for('outsystems-refresh.test-servers');
const holder = globalThis as { [registry]?: Map<string, Held> };

/**
 * Starts a server once for all projects of a test run.
 * @returns the server and what to call at the end: the last one that calls it stops the server
 */
export async function sharedServer<Server extends { readonly stop: () => Promise<void> }>(
  name: string,
  start: () => Promise<Server>,
): Promise<{ readonly server: Server; readonly release: () => Promise<void> }> {
  const servers = (holder[registry] ??= new Map<string, Held>());
  const held = servers.get(name) ?? { users: 0, server: start() };
  servers.set(name, held);
  held.users += 1;
  const server = (await held.server) as Server;
  return {
    server,
    release: async () => {
      held.users -= 1;
      if (held.users > 0) return;
      servers.delete(name);
      await server.stop();
    },
  };
}
