import Table from 'cli-table3';
import type { RunReport } from './runReport.js';

/** The report as an operator reads it on a terminal. */
export function runReportText(report: RunReport): string {
  const { status } = report;
  const lines = [
    `${report.workflowId}: ${report.ending}`,
    `from ${report.source} to ${report.destination}, ${status.startedAt} to ${status.endedAt ?? '(not ended)'}`,
    `run ${report.run}, plan ${report.planHash.slice(0, 12)}`,
  ];
  if (report.failure !== null) {
    lines.push('', `${report.failure.code}: ${report.failure.message}`, report.failure.remedy);
  }
  if (report.entities.length > 0) lines.push('', entityTable(report));
  if (report.facts.length > 0) {
    lines.push(
      '',
      ...report.facts.map(({ stage, text, count }) => `  ${stage}: ${count.toLocaleString('en-US')} ${text}`),
    );
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
  const table = new Table({
    head: ['entity', 'keys', 'read', 'written', 'matched', 'quarantined', 'orphans', 'unmapped', 'batches'],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const entity of report.entities) {
    const counts = [
      entity.rowsRead,
      entity.rowsWritten,
      entity.rowsMatched,
      entity.rowsQuarantined,
      entity.referencesOrphaned,
      entity.referencesUnmapped,
      entity.batches,
    ];
    table.push([entity.name, entity.keys, ...counts.map((count) => count.toLocaleString('en-US'))]);
  }
  return table.toString();
}
