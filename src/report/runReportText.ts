import Table from 'cli-table3';
import type { RunReport } from './runReport.js';

/** A terminal is no place for long lists. */
const shownQuarantine = 10;

/** The report as an operator reads it on a terminal. */
export function runReportText(report: RunReport): string {
  const { status } = report;
  const lines = [
    `${report.workflowId}: ${report.ending ?? 'not ended'}`,
    `from ${report.source} to ${report.destination}, ${status.startedAt} to ${status.endedAt ?? '(not ended)'}`,
    `run ${report.run}, plan ${report.planHash.slice(0, 12)}`,
  ];
  if (report.failure !== null) {
    lines.push('', `${report.failure.code}: ${report.failure.message}`, report.failure.remedy);
  }
  if (report.failures.length > 0) {
    lines.push('', 'Failures');
    for (const { at, target, failure, answer } of report.failures) {
      lines.push(`  ${at} ${target}: ${failure.code}: ${failure.message}${answer === null ? '' : ` (${answer})`}`);
      if (failure.remedy !== '') lines.push(`    ${failure.remedy}`);
    }
  }
  if (report.entities.length > 0) lines.push('', entityTable(report));
  if (report.facts.length > 0) {
    lines.push(
      '',
      ...report.facts.map(({ stage, text, count }) => `  ${stage}: ${count.toLocaleString('en-US')} ${text}`),
    );
  }
  lines.push(...roleLines(report));
  const open = report.verification.filter(({ result }) => result !== 'passed');
  lines.push(
    '',
    `Verification: ${report.verification.length - open.length} of ${report.verification.length} checks passed`,
  );
  if (open.some(({ result }) => result === 'notPassed'))
    lines.push(...open.map(({ check }) => `  not passed: ${check}`));
  if (report.quarantine.total > 0) {
    lines.push('', `Rows set aside: ${report.quarantine.total.toLocaleString('en-US')}`);
    for (const { entity, key, attribute, reason } of report.quarantine.shown.slice(0, shownQuarantine)) {
      lines.push(`  ${entity} ${key}: ${attribute} ${reason}`);
    }
    if (report.quarantine.total > shownQuarantine) lines.push('  … more in the JSON and HTML report');
  }
  const warnings = report.findings.filter(({ severity }) => severity === 'warning');
  if (warnings.length > 0) {
    lines.push(
      '',
      'Warnings of the plan',
      ...warnings.map(({ code, subject, message }) => `  ${code} ${subject}: ${message}`),
    );
  }
  if (report.decisions.length > 0) {
    lines.push('', 'Decisions');
    for (const { at, kind, target, by, note, effect } of report.decisions) {
      lines.push(
        `  ${at} ${kind}${target === null ? '' : ` ${target}`} by ${by}: ${effect}${note === null ? '' : ` (${note})`}`,
      );
    }
  }
  if (report.left.length > 0) lines.push('', 'Left to do', ...report.left.map((text) => `  ${text}`));
  return lines.join('\n');
}

function entityTable(report: RunReport): string {
  const counted = ['read', 'left behind', 'written', 'matched', 'quarantined', 'orphans', 'unmapped', 'batches'];
  const table = new Table({
    head: ['entity', 'keys', ...counted],
    colAligns: ['left', 'left', ...counted.map(() => 'right' as const)],
    style: { head: [], border: [] },
  });
  for (const entity of report.entities) {
    const counts = [
      entity.rowsRead,
      entity.rowsLeftBehind,
      entity.rowsWritten,
      entity.rowsMatched,
      entity.rowsQuarantined,
      entity.referencesOrphaned,
      entity.referencesUnmapped,
      entity.batches,
    ];
    table.push([entity.name, entity.keys, ...counts.map((count) => count?.toLocaleString('en-US') ?? '')]);
  }
  return table.toString();
}

/** Roles by name with their counts; the users themselves are in the JSON and HTML report. */
function roleLines({ roles }: RunReport): string[] {
  if (roles == null) return [];
  const of = (count: number): string => count.toLocaleString('en-US');
  const there =
    roles.usersBefore === undefined
      ? `${of(roles.usersChanged)} users that were there before`
      : `of ${of(roles.usersBefore)} users that were there before, ${of(roles.usersChanged)}`;
  return [
    '',
    `Effective roles: ${there} have other effective roles now; ${of(roles.usersCreated)} users were created`,
    ...roles.roles.map(({ role, gained, lost, ofCreated }) => {
      return `  ${role}: gained by ${of(gained)}, lost by ${of(lost)}, ${of(ofCreated)} created with it`;
    }),
  ];
}
