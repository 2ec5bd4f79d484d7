import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { configurationOf } from '../context.js';
import { CommandError, exitCodes } from '../exitCodes.js';

/** report ID: the report of a run's latest execution, from the destination's state schema. */
export function addReportCommand(program: Command): void {
  const command = program
    .command('report')
    .description('Show what a run did.')
    .argument('<id>', 'workflow id of the run')
    .option('--html <file>', 'write a self-contained page')
    .option('--json', 'print JSON')
    .action(async (id: string, options: { html?: string; json?: boolean }) => {
      const { findReport } = await import('../../report/findReport.js');
      const report = await findReport(configurationOf(command), id);
      if (report === null) {
        throw new CommandError(
          exitCodes.badInput,
          `No destination holds a report of ${id}. refresh status lists the runs.`,
        );
      }
      if (options.html !== undefined) {
        const { runReportHtml } = await import('../../report/runReportHtml.js');
        await writeFile(options.html, runReportHtml(report), { mode: 0o600 });
        return;
      }
      const { runReportText } = await import('../../report/runReportText.js');
      process.stdout.write(`${options.json === true ? JSON.stringify(report, null, 2) : runReportText(report)}\n`);
    });
}
