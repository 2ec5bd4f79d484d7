/** Event subscriptions (OSEVT_*) and what already waits in the two queues. */
import { generateProcesses } from '../data/processes.js';
import type { EntityModel } from '../model.js';
import type { Owned } from '../modelIndex.js';
import { terminalActivityStatuses, terminalProcessStatuses } from '../platformStatics.js';
import type { CellValue } from './load.js';
import { writeInOrder } from './ordered.js';
import { eventColumns } from './tables.js';
import type { Target } from './target.js';

/** Definitions that a new or changed row of an entity starts. */
function launchedBy(target: Target, entity: Owned<EntityModel>): Target['index']['processes'][number][] {
  return target.index.processes.filter(
    ({ item, module }) =>
      item.active && module.active && item.launchOn && target.index.entity(item.launchOn.entity) === entity,
  );
}

export async function writeSubscriptions(
  target: Target,
  entity: Owned<EntityModel>,
  eventTable: string,
): Promise<number> {
  const columns = [
    '_ESPACE_ID',
    '_TENANT_ID',
    '_ACTIVITY_ID',
    '_PROCESS_DEF_ID',
    '_IS_UPDATE',
    '_IS_LIGHT',
    'ID',
    ...eventColumns(target, entity).map((each) => each.column),
  ];
  return await target.loaderOf(entity).load(eventTable, columns, subscriptions(target, entity));
}

function* subscriptions(target: Target, entity: Owned<EntityModel>): Generator<CellValue[]> {
  const { ids, content, index } = target;
  const filters = eventColumns(target, entity);
  for (const { path, module, item } of launchedBy(target, entity)) {
    yield [
      ids.id('espace', module.name),
      null,
      null,
      ids.id('processDefinition', path),
      item.launchOn?.onUpdate ?? false,
      item.light,
      null,
      ...filters.map(() => null),
    ];
  }
  for (const process of generateProcesses(content)) {
    if (terminalProcessStatuses.includes(process.status)) continue;
    for (const activity of process.activities) {
      const { event } = activity.definition;
      if (!event || terminalActivityStatuses.includes(activity.status) || index.entity(event.entity) !== entity)
        continue;
      const place = `${activity.definition.name} event`;
      const row = event.row && content.processValue(process.definition.path, place, process.instance, event.row);
      yield [
        ids.id('espace', process.definition.module.name),
        ids.id('tenant', process.tenant),
        ids.activity(activity.ordinal),
        null,
        event.onUpdate,
        false,
        row && typeof row === 'object' && 'row' in row ? target.keyOf(entity, row.row) : null,
        ...filters.map(({ attribute }) => {
          const filter = event.filter?.[attribute.name];
          return filter
            ? target.resolve(
                attribute,
                content.processValue(process.definition.path, `${place} ${attribute.name}`, process.instance, filter),
              )
            : null;
        }),
      ];
    }
  }
}

const waiting = 6;

/** A few rows in both queues, of every definition that an event launches. */
export async function writeQueues(target: Target): Promise<void> {
  const { ids, content, index } = target;
  const normal: Record<string, CellValue>[] = [];
  const light: Record<string, CellValue>[] = [];
  for (const entity of index.entities) {
    for (const { path, module, item } of launchedBy(target, entity)) {
      for (let n = 0; n < Math.min(waiting, content.rowsOf(entity.path)); n++) {
        const queue = item.light ? light : normal;
        queue.push({
          ID: queue.length + 1,
          ESPACE_ID: ids.id('espace', module.name),
          TENANT_ID: ids.id('tenant', content.endUserTenants()[0] ?? 0),
          ACTIVITY_ID: null,
          PROCESS_DEF_ID: ids.id('processDefinition', path),
          [item.light ? 'ENTITY_RECORD_ID' : 'DATA_ID']: String(target.keyOf(entity, n)),
          ENQUEUE_TIME: '2026-10-01T10:00:00.000',
          ERROR_COUNT: 0,
          NEXT_RUN: '2026-10-01T10:00:00.000',
        });
      }
    }
  }
  await writeInOrder(target, 'OSSYS_BPM_EVENT', light);
  await writeInOrder(target, 'OSSYS_BPM_EVENT_QUEUE', normal);
}
