import type { RunReport } from './runReport.js';

/** The report as one page that needs nothing else: no script, no network, readable on paper. */
export function runReportHtml(report: RunReport): string {
  const { status } = report;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${text(report.workflowId)}: ${text(report.ending)}</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1180px; margin: 2rem auto; padding: 0 1rem; color: #1d2129; }
table { border-collapse: collapse; width: 100%; margin: 0.5rem 0 1.5rem; }
th, td { text-align: left; padding: 0.25rem 0.6rem; border-bottom: 1px solid #d8dbe0; vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
.failure { border-left: 4px solid #b3261e; padding: 0.5rem 1rem; background: #fbeceb; }
@media print { body { margin: 0; max-width: none; } tr { break-inside: avoid; } }
</style>
</head>
<body>
<h1>${text(report.workflowId)}: ${text(report.ending)}</h1>
<p>From <b>${text(report.source)}</b> to <b>${text(report.destination)}</b>, ${text(status.startedAt)} to
${text(status.endedAt ?? '(not ended)')}. Run ${text(report.run)}, plan ${text(report.planHash)}.</p>
${failure(report)}
${section(
  'Stages',
  ['stage', 'state', 'started', 'ended'],
  status.stages.map(({ name, state, startedAt, endedAt }) => [name, state, startedAt ?? '', endedAt ?? '']),
)}
${section(
  'Entities',
  ['entity', 'keys', 'read', 'written', 'matched', 'quarantined', 'orphans', 'unmapped', 'deferred', 'batches'],
  report.entities.map((entity) => [
    entity.name,
    entity.keys,
    entity.rowsRead,
    entity.rowsWritten,
    entity.rowsMatched,
    entity.rowsQuarantined,
    entity.referencesOrphaned,
    entity.referencesUnmapped,
    entity.referencesDeferred,
    entity.batches,
  ]),
)}
${section(
  'What the stages did',
  ['stage', 'what', 'count'],
  report.facts.map((fact) => [fact.stage, fact.text, fact.count]),
)}
${section(
  'Decisions',
  ['when', 'what', 'about', 'by', 'note', 'effect'],
  report.decisions.map(({ at, kind, target, by, note, effect }) => [at, kind, target ?? '', by, note ?? '', effect]),
)}
${section(
  'Findings of the plan',
  ['severity', 'code', 'about', 'what', 'what to do'],
  report.findings.map(({ severity, code, subject, message, remedy }) => [severity, code, subject, message, remedy]),
)}
${section(
  'Left to do',
  ['what'],
  report.left.map((line) => [line]),
)}
</body>
</html>
`;
}

function failure(report: RunReport): string {
  if (report.failure === null) return '';
  const { code, message, remedy } = report.failure;
  return `<p class="failure"><b>${text(code)}</b>: ${text(message)}<br>${text(remedy)}</p>`;
}

function section(title: string, head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  if (rows.length === 0) return '';
  const numeric = head.map((_, column) => rows.every((row) => typeof row[column] === 'number'));
  const cell = (tag: 'th' | 'td', value: string | number, column: number) =>
    `<${tag}${numeric[column] === true ? ' class="number"' : ''}>${text(typeof value === 'number' ? value.toLocaleString('en-US') : value)}</${tag}>`;
  const line = (tag: 'th' | 'td', values: readonly (string | number)[]) =>
    `<tr>${values.map((value, column) => cell(tag, value, column)).join('')}</tr>`;
  return `<h2>${text(title)}</h2>\n<table>\n${[line('th', head), ...rows.map((row) => line('td', row))].join('\n')}\n</table>`;
}

/** Names come from databases: they must not become markup. */
function text(value: string): string {
  return value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
