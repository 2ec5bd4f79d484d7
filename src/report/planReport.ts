import Table from 'cli-table3';
import { outputColors as colors } from './terminalColors.js';
import { warningsHash } from '../plan/findings.js';
import type { Finding, RefreshPlan } from '../plan/refreshPlan.js';
import { planHeading, planSections, planVerdict, type PlanSection } from './planSections.js';

/** The plan for a terminal: what will happen, in the order in which it happens, and what stands against it. */
export function planText(plan: RefreshPlan, planHash: string): string {
  const verdict = planVerdict(plan);
  const sections = [
    header(plan, planHash),
    ...planSections(plan).map(sectionText),
    ...(plan.findings.length > 0 ? [`${colors.bold('Findings')}\n${findings(plan.findings)}`] : []),
    verdict.runs ? colors.green(verdict.text) : colors.red(colors.bold(verdict.text)),
  ];
  return sections.join('\n\n');
}

/** The plan as data: hashes to bind an approval to, and everything that the plan holds. */
export function planJson(plan: RefreshPlan, planHash: string): string {
  return JSON.stringify({ planHash, warningsHash: warningsHash(plan), plan }, null, 2);
}

function header(plan: RefreshPlan, planHash: string): string {
  const { title, lines } = planHeading(plan);
  const warnings = warningsHash(plan);
  const bound = warnings === '' ? [] : [`  warnings ${warnings}`];
  return [colors.bold(title), ...lines.map((line) => `  ${line}`), `  plan ${planHash}`, ...bound].join('\n');
}

function sectionText({ title, lines, table }: PlanSection): string {
  const list = (lines ?? []).map((line) => `  - ${line}`).join('\n');
  return `${colors.bold(title)}\n${table === undefined ? list : grid(table)}`;
}

function grid({ head, rows }: NonNullable<PlanSection['table']>): string {
  const table = new Table({
    head: [...head],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'right'],
  });
  for (const row of rows) table.push(row.map(String));
  return table.toString();
}

function findings(all: readonly Finding[]): string {
  const painted = { blocking: colors.red, warning: colors.yellow, info: colors.dim } as const;
  return all
    .map((finding) => {
      const paint = painted[finding.severity];
      const remedy = finding.severity === 'info' ? '' : `\n      → ${finding.remedy}`;
      return `  ${paint(finding.severity.padEnd(8))} ${colors.bold(finding.code)} ${finding.subject}: ${finding.message}${remedy}`;
    })
    .join('\n');
}
