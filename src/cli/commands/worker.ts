import type { Command } from 'commander';
import { configurationOf } from '../context.js';
import type { TemporalFlags } from '../temporal.js';

/** worker: runs workflows and activities until it is told to stop. */
export function addWorkerCommand(program: Command): void {
  const command = program
    .command('worker')
    .description('Run a worker: it carries out refreshes with the environments of the configuration.')
    .option('--metrics <host:port>', 'serve Prometheus metrics')
    .action(async (options: { metrics?: string }) => {
      const configuration = configurationOf(command);
      const { runWorker } = await import('../../../worker/worker.js');
      const { address, namespace, taskQueue } = command.optsWithGlobals<TemporalFlags>();
      await runWorker({ configuration, flags: { address, namespace, taskQueue }, metrics: options.metrics });
    });
}
