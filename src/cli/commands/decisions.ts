import type { Command } from 'commander';
import { confirmationSteps, stageNames, type OperatorMessageKind } from '../../contract.js';
import { boundTo, decisionOf, withRuns } from '../context.js';
import { CommandError, exitCodes } from '../exitCodes.js';

interface DecisionOptions {
  by?: string;
  note?: string;
  planHash?: string;
  warningsHash?: string;
}

/** approve, reject, confirm, pause, resume, abort, retry, skip, tune. */
export function addDecisionCommands(program: Command): void {
  decision(program, 'approve', 'Approve a stage.', '<stage>', (stage) => ({ stage: stageNamed(stage) }))
    .option('--plan-hash <hash>', 'refuse if the run has another plan')
    .option('--warnings-hash <hash>', 'refuse if the plan has other warnings');
  decision(program, 'reject', 'Reject a stage: the run ends as rejected.', '<stage>', (stage) => ({
    stage: stageNamed(stage),
  }));
  decision(
    program,
    'confirm',
    `Confirm what was done by hand: ${confirmationSteps.join(' or ')}.`,
    '<step>',
    (step) => ({
      step: oneOf(confirmationSteps, step, 'step'),
    }),
  );
  decision(program, 'pause', 'Stop starting work; what runs ends its current call.', null, () => ({}));
  decision(program, 'resume', 'Go on after a pause.', null, () => ({}));
  decision(program, 'abort', 'End the run; what it must undo is undone first.', null, () => ({}));
  decision(program, 'retry', 'Try a parked stage or entity again.', '<target>', targetOf);
  decision(program, 'skip', 'Leave a parked stage or entity (Espace.Entity) out.', '<target>', targetOf);
  decision(program, 'tune', 'Change how much runs at once.', null, (_, options) => ({
    ...(options.parallel === undefined ? {} : { parallelEntities: Number(options.parallel) }),
    ...(options.ranges === undefined ? {} : { parallelRanges: Number(options.ranges) }),
    ...(options.batchRows === undefined ? {} : { batchRows: Number(options.batchRows) }),
  }))
    .option('--parallel <n>', 'entities at once')
    .option('--ranges <n>', 'key ranges of one large entity at once')
    .option('--batch-rows <n>', 'rows in a batch');
}

function decision(
  program: Command,
  kind: OperatorMessageKind,
  description: string,
  target: string | null,
  payloadOf: (target: string, options: Record<string, string | undefined>) => object,
): Command {
  const command = program.command(kind).description(description).argument('<id>', 'workflow id of the run');
  if (target !== null) command.argument(target);
  return command
    .option('--by <name>', 'who decides (default: the login name)')
    .option('--note <text>', 'why')
    .action(async (id: string, ...rest: unknown[]) => {
      const options = command.opts<DecisionOptions & Record<string, string | undefined>>();
      const payload = { ...payloadOf(target === null ? '' : String(rest[0]), options), ...boundTo(options) };
      const record = await withRuns(command, (runs) => runs.decide(id, kind, { ...payload, ...decisionOf(options) }));
      process.stdout.write(`${kind} ${record.target ?? ''} by ${record.by}: ${record.effect}\n`.replace('  ', ' '));
    });
}

function targetOf(target: string): object {
  return stageNames.some((name) => name === target) ? { stage: target } : { entity: target };
}

function stageNamed(name: string): string {
  return oneOf(stageNames, name, 'stage');
}

function oneOf(names: readonly string[], name: string, what: string): string {
  if (names.includes(name)) return name;
  throw new CommandError(exitCodes.badInput, `There is no ${what} ${name}. Use one of: ${names.join(', ')}.`);
}
