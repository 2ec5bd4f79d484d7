import type { Command } from 'commander';
import { confirmationSteps, stageNames, workflowIdFor } from '../../contract.js';
import { boundTo, decisionOf, readRequestFile, withRuns } from '../context.js';
import { CommandError, exitCodes } from '../exitCodes.js';
import type { RunClient } from '../temporal.js';
import { waitForPreflight, watchRun } from '../watch.js';

interface StartOptions {
  file: string;
  id?: string;
  wait?: boolean;
  approve?: string;
  confirm?: string;
  planHash?: string;
  warningsHash?: string;
  by?: string;
  note?: string;
  json?: boolean;
}

/** start -f FILE: starts a refresh and returns after preflight, or follows it to its end. */
export function addStartCommand(program: Command): void {
  const command = program
    .command('start')
    .description('Start a refresh.')
    .requiredOption('-f, --file <request>', 'request file, YAML or JSON (- for standard input)')
    .option('--id <id>', 'workflow id (default: refresh-<destination>)')
    .option('--wait', 'follow the run to its end')
    .option('--detach', 'return as soon as the run is accepted (the default)')
    .option('--approve <stages>', 'approve beforehand: all, or stages separated by commas')
    .option('--confirm <steps>', 'confirm beforehand what is done by hand: all')
    .option('--plan-hash <hash>', 'let these approvals count for this plan only')
    .option('--warnings-hash <hash>', 'let these approvals count only if the plan has these warnings')
    .option('--by <name>', 'who decides (default: the login name)')
    .option('--note <text>', 'why')
    .option('--json', 'print JSON')
    .action(async (options: StartOptions) => {
      const approvals = stagesOf(options.approve);
      const confirmations = confirmationsOf(options.confirm);
      const { raw } = readRequestFile(options.file);
      await withRuns(command, async (runs) => {
        const id = options.id ?? workflowIdFor(raw.destination);
        if (!(await runs.workerPolls())) {
          process.stderr.write('refresh: no worker asks for work on this task queue; start one with: refresh worker\n');
        }
        await runs.startRefresh(id, raw);
        await decideBeforehand(runs, id, approvals, confirmations, options);
        const ask = process.stdin.isTTY && process.stdout.isTTY;
        process.exitCode =
          options.wait === true
            ? await watchRun(runs, id, { run: undefined, ask, json: options.json === true })
            : await waitForPreflight(runs, id);
      });
    });
}

/** Early decisions are signals: they reach the run even while no worker is there to answer an update. */
async function decideBeforehand(
  runs: RunClient,
  id: string,
  approvals: readonly string[],
  confirmations: readonly string[],
  options: StartOptions,
): Promise<void> {
  const decision = decisionOf(options);
  const bound = boundTo(options);
  for (const stage of approvals) await runs.decideBeforehand(id, 'approve', { stage, ...bound, ...decision });
  for (const step of confirmations) await runs.decideBeforehand(id, 'confirm', { step, ...decision });
}

function stagesOf(text: string | undefined): readonly string[] {
  if (text === undefined) return [];
  if (text === 'all') return stageNames;
  const stages = text.split(',').map((stage) => stage.trim());
  const unknown = stages.find((stage) => !stageNames.some((name) => name === stage));
  if (unknown === undefined) return stages;
  throw new CommandError(exitCodes.badInput, `There is no stage ${unknown}. Use all, or: ${stageNames.join(', ')}.`);
}

function confirmationsOf(text: string | undefined): readonly string[] {
  if (text === undefined) return [];
  if (text === 'all') return confirmationSteps;
  const unknown = text.split(',').find((step) => !confirmationSteps.some((name) => name === step));
  if (unknown === undefined) return text.split(',');
  throw new CommandError(
    exitCodes.badInput,
    `There is no step ${unknown}. Use all, or: ${confirmationSteps.join(', ')}.`,
  );
}
