import { nullDate } from '../data/values.js';
import { writeInOrder } from './ordered.js';
import type { Target } from './target.js';

/** A day from now, to the second. */
function inDays(days: number | null): string {
  return days === null ? nullDate : `${new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 19)}.000`;
}

/** Timers: their definitions, and one state row for all tenants or one a tenant. None is running. */
export async function writeTimers(target: Target): Promise<void> {
  const { ids, index, content } = target;
  const timers = index.modules.flatMap((module) =>
    module.timers.map((timer) => ({ module, timer, id: ids.id('timer', `${module.name}.${timer.name}`) })),
  );
  const state = ({ timer, id }: (typeof timers)[number]) => ({
    META_CYCLIC_JOB_ID: id,
    SCHEDULE: timer.schedule,
    LAST_RUN: inDays(timer.lastRunDays),
    NEXT_RUN: inDays(timer.nextRunDays),
    IS_RUNNING_SINCE: nullDate,
    IS_RUNNING_BY: '',
    NUMBER_OF_TRIES: 0,
  });
  await writeInOrder(
    target,
    'OSSYS_META_CYCLIC_JOB',
    timers.map(({ module, timer, id }) => ({
      ID: id,
      ESPACE_ID: ids.id('espace', module.name),
      NAME: timer.name,
      SS_KEY: timer.key,
      DEFAULT_SCHEDULE: timer.schedule,
      IS_ACTIVE: module.active,
    })),
  );
  await writeInOrder(target, 'OSSYS_CYCLIC_JOB_SHARED', timers.filter(({ timer }) => timer.shared).map(state));
  await writeInOrder(
    target,
    'OSSYS_CYCLIC_JOB',
    timers
      .filter(({ timer }) => !timer.shared)
      .flatMap((each) =>
        content.endUserTenants().map((tenant) => ({ TENANT_ID: ids.id('tenant', tenant), ...state(each) })),
      ),
  );
}
