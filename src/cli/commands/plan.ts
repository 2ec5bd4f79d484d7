import type { Command } from 'commander';
import { parseRequest } from '../../request.js';
import { configurationOf, readRequestFile } from '../context.js';
import { exitCodes } from '../exitCodes.js';

/** plan -f FILE: makes the plan in this process, reading only, and prints it. */
export function addPlanCommand(program: Command): void {
  const command = program
    .command('plan')
    .description('Show what a refresh would do; reads only.')
    .requiredOption('-f, --file <request>', 'request file, YAML or JSON (- for standard input)')
    .option('--json', 'print JSON')
    .action(async (options: { file: string; json?: boolean }) => {
      const configuration = configurationOf(command);
      const request = parseRequest(readRequestFile(options.file).raw);
      const { planRefresh } = await import('../../plan/planRefresh.js');
      const { planHash, plan } = await planRefresh(configuration, request);
      const { planText } = await import('../../report/planReport.js');
      const text = options.json === true ? JSON.stringify({ planHash, plan }, null, 2) : planText(plan, planHash);
      process.stdout.write(`${text}\n`);
      if (plan.findings.some((finding) => finding.severity === 'blocking')) process.exitCode = exitCodes.badInput;
    });
}
