import { Command, CommanderError } from 'commander';
import { BadInputError } from '../plan/badInput.js';
import { RefreshError } from '../sqlserver/errors.js';
import { addCodecServerCommand } from './commands/codecServer.js';
import { addDecisionCommands } from './commands/decisions.js';
import { addPlanCommand } from './commands/plan.js';
import { addRecoverCommand } from './commands/recover.js';
import { addReportCommand } from './commands/report.js';
import { addSandboxCommands } from './commands/sandbox.js';
import { addScheduleCommands } from './commands/schedule.js';
import { addStartCommand } from './commands/start.js';
import { addStatusCommand } from './commands/status.js';
import { addWorkerCommand } from './commands/worker.js';
import { CommandError, exitCodes } from './exitCodes.js';

/** The `refresh` command. Its names, options and exit codes are a contract with scripts and operators. */
export function createProgram(): Command {
  const program = new Command('refresh')
    .description('Refreshes a non-production OutSystems 11 environment with production data.')
    .option('-c, --config <file>', 'configuration file (default: REFRESH_CONFIG, else refresh.yaml)')
    .option('--address <host:port>', 'Temporal server (default: TEMPORAL_ADDRESS, else the configuration)')
    .option('--namespace <name>', 'Temporal namespace')
    .option('--task-queue <name>', 'task queue of the workers')
    .showSuggestionAfterError()
    .exitOverride();
  addPlanCommand(program);
  addStartCommand(program);
  addStatusCommand(program);
  addDecisionCommands(program);
  addRecoverCommand(program);
  addReportCommand(program);
  addScheduleCommands(program);
  addWorkerCommand(program);
  addCodecServerCommand(program);
  addSandboxCommands(program);
  // exitOverride is not inherited by subcommands that exist already.
  for (const command of program.commands) command.exitOverride();
  return program;
}

/** Runs the command line; returns the exit code. Every failure ends as one message on stderr. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  try {
    process.exitCode = exitCodes.done;
    await createProgram().parseAsync([...argv], { from: 'user' });
    return Number(process.exitCode);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.badInput;
    if (error instanceof CommandError) {
      process.stderr.write(`refresh: ${error.message}\n`);
      return error.exitCode;
    }
    if (error instanceof BadInputError) {
      process.stderr.write(`refresh: ${error.message}\n${error.remedy}\n`);
      return exitCodes.badInput;
    }
    if (error instanceof RefreshError) {
      const subject = error.details.subject ?? null;
      const remedy = error.retried ? '' : `${error.remedy}\n`;
      process.stderr.write(`refresh: ${error.message}${subject === null ? '' : ` (${subject})`}\n${remedy}`);
      return error.type === 'AccessDenied' || error.type === 'BadInput' ? exitCodes.badInput : exitCodes.failed;
    }
    process.stderr.write(`refresh: ${error instanceof Error ? error.message : String(error)}\n`);
    return exitCodes.failed;
  }
}
