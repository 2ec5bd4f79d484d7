import { Option, type Command } from 'commander';
import type { RefreshPlan } from '../../plan/refreshPlan.js';
import { parseRequest } from '../../request.js';
import { configurationOf, readRequestFile } from '../context.js';
import { exitCodes } from '../exitCodes.js';

type Format = 'text' | 'json' | 'html';

/** plan -f FILE: makes the plan in this process, reading only, and prints it. */
export function addPlanCommand(program: Command): void {
  const command = program
    .command('plan')
    .description('Show what a refresh would do; reads only.')
    .requiredOption('-f, --file <request>', 'request file, YAML or JSON (- for standard input)')
    .addOption(new Option('--format <format>', 'how to print it').choices(['text', 'json', 'html']).default('text'))
    .option('--json', 'print JSON: the same as --format json')
    .action(async (options: { file: string; format: Format; json?: boolean }) => {
      const configuration = configurationOf(command);
      const request = parseRequest(readRequestFile(options.file).raw);
      const { planRefresh } = await import('../../plan/planRefresh.js');
      const { planHash, plan } = await planRefresh(configuration, request);
      process.stdout.write(`${await printed(plan, planHash, options.json === true ? 'json' : options.format)}\n`);
      if (plan.findings.some((finding) => finding.severity === 'blocking')) process.exitCode = exitCodes.badInput;
    });
}

async function printed(plan: RefreshPlan, planHash: string, format: Format): Promise<string> {
  if (format === 'html') return (await import('../../report/planReportHtml.js')).planHtml(plan, planHash);
  const { planJson, planText } = await import('../../report/planReport.js');
  return format === 'json' ? planJson(plan, planHash) : planText(plan, planHash);
}
