/** Compares process and activity instances, with their values, with the image of the source. */
import type { OracleReading, OracleRow, OracleValue } from '../../../sandbox/factories/oracle.js';
import { differences, survivors } from './checkRows.js';
import { isNullIdentifier, people, type Images } from './images.js';

const nullDate = '1900-01-01 00:00:00.000';

/** Run state of the production's servers means nothing elsewhere. */
const reset: OracleRow = { IS_RUNNING_SINCE: nullDate, IS_RUNNING_AT: '', ERROR_COUNT: '0', LAST_ERROR_ID: '' };

export function checkProcesses(images: Images, before: OracleReading, after: OracleReading): string[] {
  const stay = stayingInstances(images, before);
  const processes = new Map(stay.processes.map(([label, row]) => [label, asItWas(images, before, after, row)]));
  const activities = new Map(stay.activities.map(([name, row]) => [name, asItWas(images, before, after, row)]));
  for (const label of images.processes)
    processes.set(label, imageOf(images, images.production.processes.get(label) ?? {}));
  for (const [name, row] of images.production.activities) {
    if (images.processes.has(String(row['PROCESS_ID']))) activities.set(name, { ...imageOf(images, row), ...reset });
  }
  return [...compare('process', processes, after.processes), ...compare('activity', activities, after.activities)];
}

interface Instances {
  readonly processes: readonly [label: string, row: OracleRow][];
  readonly activities: readonly [name: string, row: OracleRow][];
}

/** Instances of the destination that deleting leaves: trees of modules outside the scope, or all. */
export function stayingInstances({ scope }: Images, before: OracleReading): Instances {
  const deletes = scope.options.processes.migrate && scope.options.destinationData === 'deleteFirst';
  const stays = (label: string): boolean => !deletes || !scope.modules.has(scope.moduleOfTree(before, label));
  return {
    processes: [...before.processes].filter(([label]) => stays(label)),
    activities: [...before.activities].filter(([, row]) => stays(String(row['PROCESS_ID']))),
  };
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
      if (/^(in|out)put /.test(value) && row[value] === undefined) problems.push(`${kind} ${name} has ${value}`);
  }
  for (const name of found.keys()) if (!expected.has(name)) problems.push(`${kind} ${name} is no image`);
  return problems;
}

/** An instance that stays; what its values refer to may be gone. */
function asItWas(images: Images, before: OracleReading, after: OracleReading, row: OracleRow): OracleRow {
  return Object.fromEntries(
    Object.entries(survivors(images, before, after, row)).map(([name, value]) =>
      people.includes(name) && value !== null ? [name, images.users.afterwards(String(value))] : [name, value],
    ),
  );
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
