import Table from 'cli-table3';
import type { Command } from 'commander';
import { withRuns } from '../context.js';
import type { RunListEntry } from '../temporal.js';
import { watchRun } from '../watch.js';

interface StatusOptions {
  run?: string;
  watch?: boolean;
  json?: boolean;
}

/** status [ID]: one run, or the list of runs. */
export function addStatusCommand(program: Command): void {
  const command = program
    .command('status')
    .description('Show where a run stands; without an id, list the runs.')
    .argument('[id]', 'workflow id of the run')
    .option('--run <id>', 'an earlier execution of the same id')
    .option('--watch', 'follow the run; exits as start --wait does')
    .option('--json', 'print JSON')
    .action(async (id: string | undefined, options: StatusOptions) => {
      await withRuns(command, async (runs) => {
        if (id === undefined) {
          const list = await runs.list();
          process.stdout.write(options.json === true ? `${JSON.stringify(list, null, 2)}\n` : listText(list));
          return;
        }
        if (options.watch === true) {
          process.exitCode = await watchRun(runs, id, {
            ...{ run: options.run, ask: false, json: options.json === true },
            stay: process.stdout.isTTY,
          });
          return;
        }
        const status = await runs.progress(id, options.run);
        const { renderStatus } = await import('../progressView.js');
        const text = options.json === true ? JSON.stringify(status, null, 2) : renderStatus(status).join('\n');
        process.stdout.write(`${text}\n`);
      });
    });
}

function listText(list: readonly RunListEntry[]): string {
  if (list.length === 0) return 'There are no runs yet. Start one with: refresh start -f request.yaml\n';
  const table = new Table({
    head: ['run', 'status', 'stage', 'state', 'started', 'ended'],
    style: { head: [], border: [] },
  });
  for (const { id, status, stage, state, startedAt, closedAt } of list) {
    table.push([id, status.toLowerCase(), stage ?? '', state ?? '', startedAt, closedAt ?? '']);
  }
  return `${table.toString()}\n`;
}
