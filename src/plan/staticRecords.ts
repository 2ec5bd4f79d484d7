import type { Factory, StaticRecord } from '../factory/factory.js';
import type { DraftNode } from './draft.js';

export interface StaticMatch {
  /** Records whose counterpart exists: the ids of both. */
  readonly pairs: readonly (readonly [source: string, destination: string])[];
  /** Ids of source records without counterpart, with the record's name in the model. */
  readonly missing: readonly { readonly dataId: string; readonly name: string }[];
  /** Names of those of them that bear the name of a record of the destination: made again, so not the same (trap 53). */
  readonly namesakes: readonly string[];
}

/**
 * Matches the records of each static entity by the triple of SS_Keys (espace, entity, record), never by name (traps 1,
 * 53). A record deleted in the source may still have a counterpart; one deleted in the destination has no row there.
 */
export function matchStatics(
  nodes: readonly DraftNode[],
  source: Factory,
  destination: Factory,
): Map<number, StaticMatch> {
  const sourceRecords = recordsByEntity(source);
  const destinationRecords = recordsByEntity(destination);
  const result = new Map<number, StaticMatch>();
  for (const node of nodes) {
    if (node.kind !== 'staticEntity') continue;
    const name = `${node.espaceKey}*${node.entityKey}`;
    const there = new Map(
      (destinationRecords.get(name) ?? []).filter((record) => record.active).map(({ key, dataId }) => [key, dataId]),
    );
    const here = newestOfEachKey(sourceRecords.get(name) ?? []);
    const pairs = here.flatMap(({ key, dataId }): [string, string][] => {
      const image = there.get(key);
      return image === undefined ? [] : [[dataId, image]];
    });
    const missing = here
      .filter((record) => !there.has(record.key))
      .map(({ dataId, name: label }) => ({ dataId, name: label }));
    const names = new Set(
      (destinationRecords.get(name) ?? []).filter((record) => record.active).map((record) => record.name.toLowerCase()),
    );
    const namesakes = missing.map((record) => record.name).filter((label) => names.has(label.toLowerCase()));
    result.set(node.node, { pairs, missing, namesakes });
  }
  return result;
}

function recordsByEntity(factory: Factory): Map<string, StaticRecord[]> {
  const espaces = new Map(
    factory.modules
      .filter((module) => module.kind === 'espace' && module.active)
      .map((module) => [module.id, module.key]),
  );
  const result = new Map<string, StaticRecord[]>();
  for (const record of factory.staticRecords) {
    const espace = espaces.get(record.espaceId);
    if (espace === undefined || record.dataId === '') continue;
    const name = `${espace}*${record.entityKey}`;
    const list = result.get(name);
    if (list === undefined) result.set(name, [record]);
    else list.push(record);
  }
  return result;
}

/** One entry a physical id; where two records claim an id the active one holds it. */
function newestOfEachKey(records: readonly StaticRecord[]): StaticRecord[] {
  const byId = new Map<string, StaticRecord>();
  for (const record of records) {
    const known = byId.get(record.dataId);
    if (known === undefined || (!known.active && record.active)) byId.set(record.dataId, record);
  }
  return [...byId.values()];
}
