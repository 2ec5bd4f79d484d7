/** Compares process and activity instances, with their values, with the image of the source. */
import type { OracleReading, OracleRow, OracleValue } from '../../../sandbox/factories/oracle.js';
import { differences } from './checkRows.js';
import { isNullIdentifier, people, type Images } from './images.js';

const nullDate = '1900-01-01 00:00:00.000';

/** Run state of the production's servers means nothing elsewhere. */
const reset: OracleRow = { IS_RUNNING_SINCE: nullDate, IS_RUNNING_AT: '', ERROR_COUNT: '0', LAST_ERROR_ID: '' };

export function checkProcesses(images: Images, before: OracleReading, after: OracleReading): string[] {
  const { options, modules } = images.scope;
  const deletes = options.processes.migrate && options.destinationData === 'deleteFirst';
  const stays = (label: string): boolean => !deletes || !modules.has(images.scope.moduleOfTree(before, label));
  const processes = new Map<string, OracleRow>();
  const activities = new Map<string, OracleRow>();
  const kept = new Set<string>();
  for (const [label, row] of before.processes) {
    if (!stays(label)) continue;
    kept.add(label);
    processes.set(label, withoutValues(row));
  }
  for (const [name, row] of before.activities)
    if (kept.has(String(row['PROCESS_ID']))) activities.set(name, withoutValues(row));
  for (const label of images.processes)
    processes.set(label, imageOf(images, images.production.processes.get(label) ?? {}));
  for (const [name, row] of images.production.activities) {
    if (images.processes.has(String(row['PROCESS_ID']))) activities.set(name, { ...imageOf(images, row), ...reset });
  }
  return [...compare('process', processes, after.processes), ...compare('activity', activities, after.activities)];
}

function compare(
  kind: string,
  expected: ReadonlyMap<string, OracleRow>,
  found: ReadonlyMap<string, OracleRow>,
): string[] {
  const problems: string[] = [];
  for (const [name, row] of expected) {
    const there = found.get(name);
    problems.push(
      ...(there === undefined ? [`${kind} ${name} is missing`] : differences(`${kind} ${name}`, row, there)),
    );
    for (const value of Object.keys(there ?? {}))
      if (/^(in|out)put /.test(value) && row[value] === undefined && isOurs(row))
        problems.push(`${kind} ${name} has ${value}`);
  }
  for (const name of found.keys()) if (!expected.has(name)) problems.push(`${kind} ${name} is no image`);
  return problems;
}

/** Instances that were there before are compared without their values, which may refer to rows that are gone. */
function withoutValues(row: OracleRow): OracleRow {
  return {
    ...Object.fromEntries(Object.entries(row).filter(([name]) => !/^(in|out)put /.test(name))),
    [keptMark]: null,
  };
}

const keptMark = '#kept';

function isOurs(row: OracleRow): boolean {
  return !(keptMark in row);
}

function imageOf(images: Images, row: OracleRow): OracleRow {
  const image: Record<string, OracleValue> = {};
  const { nextRun } = images.scope.options.processes;
  const { unmapped, orphans } = images.scope.options;
  for (const [name, value] of Object.entries(row)) {
    if (name === 'NEXT_RUN' && nextRun !== 'keep') {
      if (nextRun === 'hold' || value === nullDate) image[name] = nullDate;
    } else if (people.includes(name)) {
      image[name] = value === null ? null : images.user(String(value));
    } else if (name === 'GROUP_ID') {
      image[name] = value === null ? null : images.group(String(value));
    } else if (value !== null && typeof value === 'object') {
      const target = images.target(value);
      const policy = images.isOrphan(value) ? orphans : unmapped;
      if (target !== null) image[name] = { to: value.to, marker: target };
      else if (isNullIdentifier(value)) image[name] = value;
      else if (policy === 'setNull') image[name] = { to: value.to, missing: nullOf(images, value.to) };
    } else image[name] = value;
  }
  // The description of a value that is set aside goes with it.
  for (const name of Object.keys(image)) {
    const described = name.replace(/, described$/, '');
    if (described !== name && image[described] === undefined && row[described] !== null) delete image[name];
  }
  return image;
}

function nullOf(images: Images, path: string): string {
  return images.scope.source.storedType({ kind: 'reference', to: path }).kind === 'text' ? '' : '0';
}
