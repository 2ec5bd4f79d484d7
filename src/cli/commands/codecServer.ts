import type { Command } from 'commander';
import { CommandError, exitCodes } from '../exitCodes.js';

/** codec-server: lets the Temporal UI and CLI show payloads that workers encrypt. */
export function addCodecServerCommand(program: Command): void {
  program
    .command('codec-server')
    .description('Decrypt payloads for the Temporal UI, with the keys of REFRESH_CODEC_KEYS.')
    .option('--listen <host:port>', 'where to listen; whoever reaches it can decrypt', '127.0.0.1:8081')
    .option('--ui-origin <origin...>', 'origins of the Temporal UI', ['http://127.0.0.1:8233', 'http://localhost:8233'])
    .action(async (options: { listen: string; uiOrigin: string[] }) => {
      const [, host, port] = /^(.+):(\d{1,5})$/.exec(options.listen) ?? [];
      if (host === undefined || port === undefined) {
        throw new CommandError(exitCodes.badInput, '--listen must be host:port, for example 127.0.0.1:8081.');
      }
      const { keyRingOf, keysVariable } = await import('../../../worker/encryption/keys.js');
      const keys = keyRingOf(process.env);
      if (keys === null) {
        throw new CommandError(exitCodes.badInput, `Set ${keysVariable}: without keys there is nothing to decrypt.`);
      }
      const { EncryptionCodec } = await import('../../../worker/encryption/payloadCodec.js');
      const { startCodecServer } = await import('../../../worker/encryption/codecServer.js');
      const server = await startCodecServer({
        codec: new EncryptionCodec(keys),
        host,
        port: Number(port),
        origins: options.uiOrigin,
      });
      process.stdout.write(`codec server: http://${server.host}:${server.port} for ${options.uiOrigin.join(', ')}\n`);
      await new Promise<void>((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
      });
      await server.close();
    });
}
