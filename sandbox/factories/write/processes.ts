/** Process and activity instances with their inputs and outputs, streamed table by table. */
import {
  generateProcesses,
  type ActivityInstance,
  type ParameterValue,
  type ProcessInstance,
} from '../data/processes.js';
import { nullDate } from '../data/values.js';
import type { CellValue } from './load.js';
import type { Target } from './target.js';

/** Values of inputs and outputs are kept as text: identifiers as digits, booleans as True and False. */
export function parameterText(target: Target, { parameter, value }: ParameterValue): string | null {
  const stored = target.resolve(parameter, value);
  if (stored === null) return null;
  if (Buffer.isBuffer(stored)) throw new Error(`${parameter.name}: binaries are no process values.`);
  if (typeof stored === 'boolean') return stored ? 'True' : 'False';
  if (typeof stored === 'string' && ['date', 'time', 'dateTime'].includes(parameter.type.kind))
    return stored.slice(0, 19).replace('T', ' ');
  return String(stored);
}

export async function writeProcesses(
  target: Target,
): Promise<{ readonly processes: number; readonly activities: number }> {
  const { loader, content } = target;
  const processes = await loader.load(
    'OSSYS_BPM_PROCESS',
    processColumns,
    mapAll(generateProcesses(content), (each) => [processRow(target, each)]),
  );
  const parameterColumns = (kind: 'INPUT' | 'OUTPUT', owner: string): string[] => [
    'ID',
    `${kind}_DEF_ID`,
    owner,
    'SS_KEY',
    'NAME',
    'DATA_TYPE',
    `${kind}_VALUE`,
    'SS_TYPE',
  ];
  await loader.load(
    'OSSYS_BPM_PROCESS_INPUT',
    parameterColumns('INPUT', 'PROCESS_ID'),
    numbered(
      32_900,
      mapAll(generateProcesses(content), (each) =>
        each.inputs.map((value) =>
          parameterRow(target, 'input', each.definition.path, target.ids.process(each.ordinal), value),
        ),
      ),
    ),
  );
  await loader.load(
    'OSSYS_BPM_PROCESS_OUTPUT',
    parameterColumns('OUTPUT', 'PROCESS_ID'),
    numbered(
      1,
      mapAll(generateProcesses(content), (each) =>
        each.outputs.map((value) =>
          parameterRow(target, 'output', each.definition.path, target.ids.process(each.ordinal), value),
        ),
      ),
    ),
  );
  const activities = await loader.load(
    'OSSYS_BPM_ACTIVITY',
    activityColumns,
    mapAll(generateProcesses(content), (process) =>
      [...process.activities].sort((a, b) => a.ordinal - b.ordinal).map((each) => activityRow(target, process, each)),
    ),
  );
  await loader.load(
    'OSSYS_BPM_ACTIVITY_OUTPUT',
    parameterColumns('OUTPUT', 'ACTIVITY_ID'),
    numbered(
      69_000,
      mapAll(generateProcesses(content), (process) =>
        process.activities.flatMap((activity) =>
          activity.outputs.map((value) =>
            parameterRow(
              target,
              'activity',
              `${process.definition.path}.${activity.definition.name}`,
              target.ids.activity(activity.ordinal),
              value,
            ),
          ),
        ),
      ),
    ),
  );
  return { processes, activities };
}

function* mapAll(
  processes: Iterable<ProcessInstance>,
  rowsOf: (process: ProcessInstance) => readonly CellValue[][],
): Generator<CellValue[]> {
  for (const process of processes) yield* rowsOf(process);
}

function* numbered(first: number, rows: Iterable<CellValue[]>): Generator<CellValue[]> {
  let id = first;
  for (const row of rows) yield [id++, ...row];
}

const processColumns = [
  'ID', 'TENANT_ID', 'LABEL', 'CREATED', 'CREATED_BY', 'PROCESS_DEF_ID', 'PARENT_PROCESS_ID', 'PARENT_ACTIVITY_ID', 'TOP_PROCESS_ID', 'STATUS_ID',
  'LAST_MODIFIED', 'LAST_MODIFIED_BY', 'SUSPENDED_DATE', 'SUSPENDED_BY',
]; // prettier-ignore

function processRow({ ids }: Target, process: ProcessInstance): CellValue[] {
  const user = (ordinal: number | null): number | null => (ordinal === null ? null : ids.id('user', ordinal));
  return [
    ids.process(process.ordinal),
    ids.id('tenant', process.tenant),
    process.label,
    process.created,
    user(process.createdBy),
    ids.id('processDefinition', process.definition.path),
    process.parent === null ? null : ids.process(process.parent),
    process.parentActivity === null ? null : ids.activity(process.parentActivity),
    ids.process(process.top),
    process.status,
    process.modified,
    user(process.createdBy),
    process.suspended,
    user(process.suspendedBy),
  ];
}

const activityColumns = [
  'ID', 'TENANT_ID', 'ACTIVITY_DEF_ID', 'PROCESS_ID', 'NAME', 'USER_ID', 'GROUP_ID', 'CREATED', 'OPENED', 'CLOSED', 'STATUS_ID', 'IS_RUNNING_SINCE',
  'IS_RUNNING_AT', 'NEXT_RUN', 'PRECEDENT_ACTIVITY_ID', 'PRECEDENT_OUTCOME', 'DUE_DATE', 'EXPIRED', 'SKIPPED', 'ERROR_COUNT', 'INBOX_DETAIL',
  'LAST_ERROR_ID', 'LAST_MODIFIED',
]; // prettier-ignore

function activityRow({ ids }: Target, process: ProcessInstance, activity: ActivityInstance): CellValue[] {
  return [
    ids.activity(activity.ordinal),
    ids.id('tenant', process.tenant),
    ids.id('activityDefinition', `${process.definition.path}.${activity.definition.name}`),
    ids.process(process.ordinal),
    activity.definition.name,
    activity.user === null ? null : ids.id('user', activity.user),
    activity.group === null ? null : ids.id('group', activity.group),
    activity.created,
    activity.opened,
    activity.closed,
    activity.status,
    activity.runningSince,
    activity.runningAt,
    activity.nextRun,
    activity.precedent === null ? null : ids.activity(activity.precedent),
    activity.outcome,
    activity.dueDate,
    false,
    false,
    activity.errors,
    activity.inboxDetail,
    activity.errors > 0 ? `e0000000-0000-4000-8000-${String(activity.ordinal).padStart(12, '0')}` : '',
    activity.closed === nullDate ? activity.created : activity.closed,
  ];
}

function parameterRow(
  target: Target,
  kind: string,
  owner: string,
  ownerId: number,
  value: ParameterValue,
): CellValue[] {
  const { parameter } = value;
  return [
    target.ids.id('parameterDefinition', `${owner} ${parameter.name}`, kind),
    ownerId,
    parameter.key,
    parameter.name,
    target.index.dataType(parameter),
    parameterText(target, value),
    target.index.typeName(parameter.type),
  ];
}
