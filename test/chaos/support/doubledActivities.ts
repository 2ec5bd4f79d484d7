import { setTimeout as delay } from 'node:timers/promises';
import type { RefreshActivities } from '../../../src/contract.js';
import type { Chance } from './chance.js';

type Call = (input: unknown) => Promise<unknown>;

/**
 * Activities of which some calls are made twice, the second while the first is still at work. The answer is the
 * second's: the first is an attempt that was given up and goes on all the same.
 */
export function doubledActivities(activities: RefreshActivities, chance: Chance, share: number): RefreshActivities {
  const doubled = Object.entries(activities).map(([name, call]) => [name, twiceAtTimes(call as Call, chance, share)]);
  return Object.fromEntries(doubled) as unknown as RefreshActivities;
}

function twiceAtTimes(call: Call, chance: Chance, share: number): Call {
  return async (input) => {
    if (chance.number() >= share) return call(input);
    call(input).catch(() => undefined);
    await delay(chance.upTo(400));
    return call(input);
  };
}
