import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { CommandError, exitCodes } from '../exitCodes.js';

/** sandbox up | down | status, and demo: only in a checkout, which holds the sandbox and what it needs. */
export function addSandboxCommands(program: Command): void {
  const sandbox = program
    .command('sandbox')
    .description('A SQL Server stand-in, a Temporal server and two sample environments on this machine.');
  sandbox
    .command('up')
    .description('Start what does not run yet.')
    .option('--rows <n>', 'size of the sample data')
    .option('--seed <n>', 'seed of the sample data')
    .action(async (options: { rows?: string; seed?: string }) => runInCheckout('main.ts', ['up', ...flags(options)]));
  sandbox
    .command('down')
    .description('Stop it; what it holds is kept for the next up.')
    .option('--delete', 'delete what it holds')
    .action(async (options: { delete?: boolean }) =>
      runInCheckout('main.ts', ['down', ...(options.delete === true ? ['--delete'] : [])]),
    );
  sandbox
    .command('status')
    .description('Say what runs, and where.')
    .action(async () => runInCheckout('main.ts', ['status']));
  program
    .command('demo')
    .description('Refresh a sample environment from another, from nothing.')
    .option('--yes', 'answer the approvals')
    .option('--keep', 'leave everything up')
    .option('--rows <n>', 'size of the sample data')
    .option('--seed <n>', 'seed of the sample data')
    .action(async (options: { yes?: boolean; keep?: boolean; rows?: string; seed?: string }) =>
      runInCheckout('demo.ts', [
        ...(options.yes === true ? ['--yes'] : []),
        ...(options.keep === true ? ['--keep'] : []),
        ...flags(options),
      ]),
    );
}

function flags(options: { rows?: string; seed?: string }): string[] {
  return [
    ...(options.rows === undefined ? [] : ['--rows', options.rows]),
    ...(options.seed === undefined ? [] : ['--seed', options.seed]),
  ];
}

/** Runs a script of the checkout's sandbox folder, which the package does not hold. */
async function runInCheckout(script: string, args: string[]): Promise<void> {
  const root = checkoutRoot();
  const tsx = pathToFileURL(createRequire(join(root, 'package.json')).resolve('tsx')).href;
  const child = spawn(process.execPath, ['--import', tsx, join(root, 'sandbox', script), ...args], {
    stdio: 'inherit',
  });
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? exitCodes.failed));
  });
}

/** This file is src/cli/commands/sandbox.ts in the checkout, or dist/src/cli/commands/sandbox.js. */
function checkoutRoot(): string {
  for (const up of ['../../../', '../../../../']) {
    const root = fileURLToPath(new URL(up, import.meta.url));
    if (existsSync(join(root, 'sandbox', 'demo.ts'))) return root;
  }
  throw new CommandError(
    exitCodes.badInput,
    'The sandbox and the demo come with a checkout of the repository, not with the installed package.',
  );
}
