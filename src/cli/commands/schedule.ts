import Table from 'cli-table3';
import type { Command } from 'commander';
import { workflowIdFor } from '../../contract.js';
import { duration } from '../../quantities.js';
import { decisionOf, readRequestFile, withRuns } from '../context.js';
import { CommandError, exitCodes } from '../exitCodes.js';
import type { ScheduleListEntry } from '../schedules.js';

interface CreateOptions {
  readonly file: string;
  readonly cron: string;
  readonly id?: string;
  readonly timezone?: string;
  readonly catchUp: string;
}

/** schedule create | list | pause | resume | delete: refreshes that start by themselves, such as every night. */
export function addScheduleCommands(program: Command): void {
  const schedule = program.command('schedule').description('Refreshes that Temporal starts by itself.');
  const create = schedule
    .command('create')
    .description('Start a refresh regularly; one that is due while the last still runs is skipped.')
    .requiredOption('-f, --file <request>', 'request file, YAML or JSON (- for standard input)')
    .requiredOption('--cron <expression>', 'minute hour day month weekday, such as "0 2 * * *"')
    .option('--timezone <name>', 'time zone of the expression, such as Europe/Lisbon (default: UTC)')
    .option('--catch-up <duration>', 'start what was due while Temporal was down if it is not older', '1h')
    .option('--id <id>', 'id of the schedule and start of its runs’ ids (default: refresh-<destination>)')
    .action(async (options: CreateOptions) => {
      const { raw } = readRequestFile(options.file);
      const id = options.id ?? workflowIdFor(raw.destination);
      const catchUp = durationOf(options.catchUp);
      await withRuns(create, (runs) =>
        runs.schedules.create({
          ...{ id, cron: options.cron, timeZone: options.timezone ?? null, catchUp, request: raw },
        }),
      );
      process.stdout.write(`${id} is scheduled. See it with: refresh schedule list\n`);
    });
  const list = schedule
    .command('list')
    .description('List the schedules, with the runs that were skipped or missed.')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      const entries = await withRuns(list, (runs) => runs.schedules.list());
      process.stdout.write(options.json === true ? `${JSON.stringify(entries, null, 2)}\n` : listText(entries));
    });
  for (const [name, description] of [
    ['pause', 'Start no more runs until it is resumed.'],
    ['resume', 'Start runs again when they are due.'],
  ] as const) {
    const command = schedule
      .command(name)
      .description(description)
      .argument('<id>', 'id of the schedule')
      .option('--by <name>', 'who decides (default: the login name)')
      .option('--note <text>', 'why')
      .action(async (id: string, options: { by?: string; note?: string }) => {
        const { by, note } = decisionOf(options);
        const text = `${name} by ${by}${note === undefined ? '' : `: ${note}`}`;
        await withRuns(command, (runs) => runs.schedules[name](id, text));
        process.stdout.write(`${id}: ${text}\n`);
      });
  }
  const remove = schedule
    .command('delete')
    .description('Delete a schedule; a run that is under way goes on.')
    .argument('<id>', 'id of the schedule')
    .action(async (id: string) => {
      await withRuns(remove, (runs) => runs.schedules.delete(id));
      process.stdout.write(`${id} is deleted\n`);
    });
  for (const command of schedule.commands) command.exitOverride();
}

function durationOf(text: string): number {
  const parsed = duration.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new CommandError(exitCodes.badInput, '--catch-up must be a duration such as 30m or 2h.');
}

function listText(entries: readonly ScheduleListEntry[]): string {
  if (entries.length === 0)
    return 'There are no schedules. Make one with: refresh schedule create -f request.yaml --cron "0 2 * * *"\n';
  const table = new Table({
    head: ['schedule', 'cron', 'next', 'last run', 'runs', 'skipped', 'missed', 'note'],
    colAligns: ['left', 'left', 'left', 'left', 'right', 'right', 'right', 'left'],
    style: { head: [], border: [] },
  });
  for (const { id, cron, timeZone, paused, nextAt, lastRun, runs, skipped, missed, note } of entries) {
    const when = `${cron ?? '?'}${timeZone === null ? '' : ` ${timeZone}`}`;
    table.push([id, when, paused ? 'paused' : (nextAt ?? ''), lastRun ?? '', runs, skipped, missed, note ?? '']);
  }
  return `${table.toString()}\n`;
}
