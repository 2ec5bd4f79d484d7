import type { RunReport } from './runReport.js';
import { rateSvg, timelineSvg } from './charts.js';
import { count, tableSection, text, time } from './html.js';

const style = `
:root { color-scheme: light dark; --line: #d8dbe0; --soft: #f3f4f6; --bad: #fbeceb; --good: #e8f5ec; --odd: #fff6df; }
@media (prefers-color-scheme: dark) { :root { --line: #3c414a; --soft: #23272e; --bad: #43211f; --good: #1c3525; --odd: #41371b; } }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1180px; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; margin: 0 0 0.25rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 0.5rem; }
table { border-collapse: collapse; width: 100%; font-size: 0.85em; }
th, td { text-align: left; padding: 0.25rem 0.5rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th:first-child { min-width: 7rem; }
.short { white-space: nowrap; }
th { overflow-wrap: normal; background: var(--soft); }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.ending { display: inline-block; padding: 0 0.6rem; border-radius: 4px; background: var(--odd); }
.ending.done { background: var(--good); }
.ending.failed, .ending.rejected, .ending.aborted, .ending.cancelled, .failure { background: var(--bad); }
.failure { border-left: 4px solid #cc3b33; padding: 0.5rem 1rem; }
.figures { display: flex; flex-wrap: wrap; gap: 0.5rem 2rem; margin: 1rem 0; padding: 0; list-style: none; }
.figures b { display: block; font-size: 1.3rem; }
figure { margin: 0; }
figure svg { display: block; max-width: 100%; height: auto; }
/* The table of entities is wide: paper lies across. */
@page { size: A4 landscape; margin: 1cm; }
@media print {
  :root { color-scheme: light; --line: #bbb; --soft: #fff; --bad: #fff; --good: #fff; --odd: #fff; }
  body { margin: 0; padding: 0; max-width: none; font-size: 9pt; }
  thead { display: table-header-group; }
  tr, figure { break-inside: avoid; }
  h2 { break-after: avoid; }
}
`;

/** The report as one page that needs nothing else: no script, no network, readable on paper. */
export async function runReportHtml(report: RunReport): Promise<string> {
  const { status } = report;
  const ending = report.ending ?? 'not ended';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width">
<title>${text(report.workflowId)}: ${text(ending)}</title>
<style>${style}</style>
</head>
<body>
<h1>${text(report.workflowId)} <span class="ending ${text(report.ending ?? '')}">${text(ending)}</span></h1>
<p>From <b>${text(report.source)}</b> to <b>${text(report.destination)}</b>, ${time(status.startedAt)} to
${status.endedAt === null ? '(not ended)' : time(status.endedAt)}, times in UTC. Run ${text(report.run)}, plan
${text(report.planHash)}. Made at ${time(report.madeAt)}.</p>
${failureBox(report)}
${figures(report)}
${listSection('Left to do', report.left)}
${await chart('Stages', timelineSvg(status.stages, status.endedAt ?? status.asOf))}
${await chart('Rows per second', rateSvg(report.rate))}
${sections(report).join('\n')}
</body>
</html>
`;
}

function sections(report: RunReport): string[] {
  const { quarantine } = report;
  const quarantined =
    quarantine.total > quarantine.shown.length
      ? `Rows set aside (the first ${quarantine.shown.length} of ${count(quarantine.total)}; the others are in the table quarantine of the state schema)`
      : 'Rows set aside';
  const table = [
    tableSection(
      'Failures',
      ['when', 'where', 'code', 'SQL', 'cause', 'tip', 'answer'],
      report.failures.map(({ at, target, failure, answer }) => [
        ...[time(at), target, failure.code, failure.sqlNumber === null ? '' : String(failure.sqlNumber)],
        ...[failure.message, failure.remedy, answer ?? ''],
      ]),
    ),
    tableSection(
      'Warnings and findings of the plan',
      ['severity', 'code', 'about', 'what', 'what to do'],
      [...report.findings]
        .sort((a, b) => Number(a.severity === 'info') - Number(b.severity === 'info'))
        .map(({ severity, code, subject, message, remedy }) => [severity, code, subject, message, remedy]),
    ),
    tableSection(
      'Entities',
      [
        ...['entity', 'state', 'keys', 'planned', 'read', 'left behind', 'written', 'matched', 'set aside'],
        ...['orphans', 'unmapped', 'deferred', 'batches', 'seconds'],
      ],
      report.entities.map((entity) => [
        ...[entity.name, entity.state, entity.keys, entity.rowsPlanned, entity.rowsRead, entity.rowsLeftBehind ?? ''],
        ...[entity.rowsWritten, entity.rowsMatched, entity.rowsQuarantined, entity.referencesOrphaned],
        ...[entity.referencesUnmapped, entity.referencesDeferred, entity.batches, entity.seconds],
      ]),
    ),
    tableSection(
      quarantined,
      ['entity', 'key in the source', 'attribute', 'reason'],
      quarantine.shown.map(({ entity, key, attribute, reason }) => [entity, key, attribute, reason]),
    ),
    tableSection(
      'What the stages did',
      ['stage', 'what', 'count'],
      report.facts.map((fact) => [fact.stage, fact.text, fact.count]),
    ),
    tableSection(
      'Effective roles: users that gained or lost one, and users created with it',
      ['role', 'gained', 'lost', 'created with it'],
      (report.roles?.roles ?? []).map(({ role, gained, lost, ofCreated }) => [role, gained, lost, ofCreated]),
    ),
    tableSection(
      usersHeading(report.roles),
      ['user id', '', 'gained', 'lost'],
      (report.roles?.shown ?? []).map(({ user, created, gained, lost }) => {
        return [String(user), created ? 'created' : '', gained.join(', '), lost.join(', ')];
      }),
    ),
    tableSection(
      'Verification',
      ['check', 'result'],
      report.verification.map(({ check, result }) => [check, verificationTexts[result]]),
    ),
    tableSection(
      'Approvals and decisions',
      ['when', 'what', 'about', 'by', 'note', 'effect'],
      report.decisions.map(({ at, kind, target, by, note, effect }) => [
        ...[time(at), kind, target ?? '', by, note ?? '', effect],
      ]),
    ),
    tableSection(
      'Times of the stages',
      ['stage', 'state', 'started', 'ended'],
      report.status.stages.map(({ name, state, startedAt, endedAt }) => [name, state, time(startedAt), time(endedAt)]),
    ),
  ];
  return table.filter((section) => section !== '');
}

/** Which users the table lists, in numbers. */
function usersHeading(roles: RunReport['roles']): string {
  if (roles == null) return '';
  const { usersBefore, usersChanged, usersCreated } = roles;
  const before = usersBefore === undefined ? '' : ` of ${count(usersBefore)}`;
  return `Users: ${count(usersChanged)}${before} that were there before have other effective roles now; ${count(usersCreated)} were created`;
}

const verificationTexts = { passed: 'passed', notPassed: 'not passed', notRun: 'not run' } as const;

function failureBox({ failure }: RunReport): string {
  if (failure === null) return '';
  return `<p class="failure"><b>${text(failure.code)}</b>: ${text(failure.message)}<br>${text(failure.remedy)}</p>`;
}

function figures({ entities, verification, quarantine }: RunReport): string {
  const written = entities.reduce((sum, entity) => sum + entity.rowsWritten, 0);
  const matched = entities.reduce((sum, entity) => sum + entity.rowsMatched, 0);
  const done = entities.filter(({ state }) => state === 'done').length;
  const passed = verification.filter(({ result }) => result === 'passed').length;
  const items: readonly (readonly [string, string])[] = [
    [`${done} of ${entities.length}`, 'entities done'],
    [count(written), 'rows written'],
    [count(matched), 'rows matched'],
    [count(quarantine.total), 'rows set aside'],
    [`${passed} of ${verification.length}`, 'checks passed'],
  ];
  return `<ul class="figures">${items.map(([figure, what]) => `<li><b>${figure}</b>${what}</li>`).join('')}</ul>`;
}

function listSection(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return '';
  return `<section><h2>${text(title)}</h2><ul>${lines.map((line) => `<li>${text(line)}</li>`).join('')}</ul></section>`;
}

async function chart(title: string, svg: Promise<string>): Promise<string> {
  const drawn = await svg;
  return drawn === '' ? '' : `<figure><h2>${text(title)}</h2>${drawn}</figure>`;
}
