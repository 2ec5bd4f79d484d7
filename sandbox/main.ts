/** `refresh sandbox up | down | status`. */
import { Command } from 'commander';
import { sandboxPaths } from './directory.js';
import { sandboxDown, sandboxStatus, sandboxUp } from './environment.js';
import { defaultRows, defaultSeed, wholeNumber } from './sampleSize.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const program = new Command('sandbox');
program
  .command('up')
  .option('--rows <n>', 'size of the sample data', wholeNumber, defaultRows)
  .option('--seed <n>', 'seed of the sample data', wholeNumber, defaultSeed)
  .option('--fresh', 'write the sample environments anew')
  .action(async (options: { rows: number; seed: number; fresh?: boolean }) => {
    const { temporal } = await sandboxUp({ ...options, keep: true, say });
    say('');
    if (temporal.uiUrl !== null) say(`Temporal UI:    ${temporal.uiUrl}`);
    say(`Configuration:  ${sandboxPaths.configuration}`);
    say(`Use it with:    set -a; . ${sandboxPaths.environment}; set +a; npm run refresh -- worker`);
  });
program
  .command('down')
  .option('--delete', 'delete what it holds')
  .action(async (options: { delete?: boolean }) => {
    await sandboxDown({ delete: options.delete === true });
    say('The sandbox is down.');
  });
program.command('status').action(async () => {
  const status = await sandboxStatus();
  say(`SQL Server stand-in:  ${status.sqlServer ?? 'not running'}`);
  say(`Temporal:             ${status.temporal ?? 'not running'}`);
  if (status.temporalUi !== null) say(`Temporal UI:          ${status.temporalUi}`);
  say(`QA's scheduler:       ${status.scheduler ? 'running' : 'not running'}`);
  say(
    `Sample environments:  ${status.samples === null ? 'none' : `${status.samples.rows} rows, seed ${status.samples.seed}`}`,
  );
});

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`sandbox: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
