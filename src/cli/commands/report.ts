import type { Command } from 'commander';
import type { ToldByWorkflow } from '../../migrate/closeRun/buildReport.js';
import { configurationOf, withRuns } from '../context.js';
import { CommandError, exitCodes } from '../exitCodes.js';
import { writePrivateFile } from '../privateFile.js';

/** report ID: the report of a run's latest execution, from the destination's state schema. */
export function addReportCommand(program: Command): void {
  const command = program
    .command('report')
    .description('Show what a run did, or has done so far.')
    .argument('<id>', 'workflow id of the run')
    .option('--html <file>', 'write a self-contained page')
    .option('--json', 'print JSON')
    .action(async (id: string, options: { html?: string; json?: boolean }) => {
      const { findReport } = await import('../../report/findReport.js');
      const report = await findReport(configurationOf(command), id, (run) => askWorkflow(command, id, run));
      if (report === null) {
        throw new CommandError(
          exitCodes.badInput,
          `No destination holds a report of ${id}. refresh status lists the runs.`,
        );
      }
      if (options.html !== undefined) {
        const { runReportHtml } = await import('../../report/runReportHtml.js');
        await writePrivateFile(options.html, await runReportHtml(report));
        return;
      }
      const { runReportText } = await import('../../report/runReportText.js');
      process.stdout.write(`${options.json === true ? JSON.stringify(report, null, 2) : runReportText(report)}\n`);
    });
}

/** Milliseconds: a report must come also where Temporal or its worker is gone. */
const askLimit = 5_000;

/** What the workflow of a run that has not closed says of itself. */
async function askWorkflow(command: Command, id: string, run: string): Promise<ToldByWorkflow | null> {
  try {
    return await withRuns(command, async (runs) => {
      const [status, plan] = await runs.within(askLimit, () => Promise.all([runs.progress(id), runs.planView(id)]));
      return status.run === run ? { status, decisions: plan?.decisions ?? [], failures: plan?.failures ?? [] } : null;
    });
  } catch {
    return null;
  }
}
