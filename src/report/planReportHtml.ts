import { warningsHash } from '../plan/findings.js';
import type { Finding, RefreshPlan } from '../plan/refreshPlan.js';
import { planHeading, planSections, planVerdict, type PlanSection } from './planSections.js';

/** The plan as one page that needs nothing else: no script, no network, readable on paper. */
export function planHtml(plan: RefreshPlan, planHash: string): string {
  const { title, lines } = planHeading(plan);
  const verdict = planVerdict(plan);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1180px; margin: 2rem auto; padding: 0 1rem; color: #1d2129; }
table { border-collapse: collapse; width: 100%; margin: 0.5rem 0 1.5rem; }
th, td { text-align: left; padding: 0.25rem 0.6rem; border-bottom: 1px solid #d8dbe0; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.verdict { border-left: 4px solid #2e7d32; padding: 0.5rem 1rem; background: #edf7ed; }
.refused { border-color: #b3261e; background: #fbeceb; }
.blocking { color: #b3261e; font-weight: 600; }
.warning { color: #8a5300; font-weight: 600; }
code { word-break: break-all; }
@media print { body { margin: 0; max-width: none; } tr { break-inside: avoid; } }
</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<p>${lines.map(escaped).join('<br>')}</p>
<p>Plan <code>${escaped(planHash)}</code>${bound(plan)}</p>
<p class="verdict${verdict.runs ? '' : ' refused'}">${escaped(verdict.text)}</p>
${findings(plan.findings)}
${planSections(plan).map(section).join('\n')}
</body>
</html>
`;
}

function bound(plan: RefreshPlan): string {
  const warnings = warningsHash(plan);
  return warnings === '' ? '' : `, warnings <code>${escaped(warnings)}</code>`;
}

function findings(all: readonly Finding[]): string {
  if (all.length === 0) return '';
  const rows = all.map(
    ({ severity, code, subject, message, remedy }) =>
      `<tr><td class="${severity}">${severity}</td><td>${escaped(code)}</td><td>${escaped(subject)}</td><td>${escaped(message)}</td><td>${escaped(remedy)}</td></tr>`,
  );
  return `<h2>Findings</h2>\n${tableOf(['severity', 'code', 'about', 'what', 'what to do'], rows)}`;
}

function section({ title, lines, table }: PlanSection): string {
  const body =
    table === undefined
      ? `<ul>\n${(lines ?? []).map((line) => `<li>${escaped(line)}</li>`).join('\n')}\n</ul>`
      : tableOf(
          table.head,
          table.rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`),
        );
  return `<h2>${escaped(title)}</h2>\n${body}`;
}

function tableOf(head: readonly string[], rows: readonly string[]): string {
  const titles = head.map((each) => `<th>${escaped(each)}</th>`).join('');
  return `<table>\n<thead><tr>${titles}</tr></thead>\n<tbody>\n${rows.join('\n')}\n</tbody>\n</table>`;
}

function cell(value: string | number): string {
  return typeof value === 'number' ? `<td class="number">${value}</td>` : `<td>${escaped(value)}</td>`;
}

/** Names come from the metamodel of a customer: none of them may become markup. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
