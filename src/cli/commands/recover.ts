import type { Command } from 'commander';
import { decisionOf, withRuns } from '../context.js';
import { watchRun } from '../watch.js';

/** recover DESTINATION: ends a run that could not end itself, from the destination's state schema. */
export function addRecoverCommand(program: Command): void {
  const command = program
    .command('recover')
    .description('End a terminated run: stop late writers, restore subscriptions, enable after an approval.')
    .argument('<destination>', 'environment as the configuration names it')
    .option('--approve', 'approve enabling the applications')
    .option('--confirm', 'confirm that the applications are enabled by hand')
    .option('--by <name>', 'who decides (default: the login name)')
    .option('--note <text>', 'why')
    .action(
      async (destination: string, options: { approve?: boolean; confirm?: boolean; by?: string; note?: string }) => {
        await withRuns(command, async (runs) => {
          const { workflowId } = await runs.startRecover({ destination });
          const decision = decisionOf(options);
          if (options.approve === true) {
            await runs.decideBeforehand(workflowId, 'approve', { stage: 'enableApplications', ...decision });
          }
          if (options.confirm === true) {
            await runs.decideBeforehand(workflowId, 'confirm', { step: 'applicationsEnabled', ...decision });
          }
          const ask = process.stdin.isTTY && process.stdout.isTTY;
          process.exitCode = await watchRun(runs, workflowId, { run: undefined, ask, json: false });
        });
      },
    );
}
