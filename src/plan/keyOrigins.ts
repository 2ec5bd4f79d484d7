import type { DestinationFacts, SourceFacts } from '../survey/facts.js';
import { deletesAll } from './deletions.js';
import type { DraftEntity } from './draft.js';
import { finding } from './findings.js';
import { inboundKey } from './inbound.js';
import type { Outline } from './outline.js';
import type { Finding, KeyOrigin } from './refreshPlan.js';
import { mayInsertKeys } from './rightsLevel.js';

const largest: Readonly<Record<string, bigint>> = {
  tinyint: 255n,
  smallint: 32_767n,
  int: 2_147_483_647n,
  bigint: 9_223_372_036_854_775_807n,
};

/** What the choice needs of the destination. */
type DestinationRows = Pick<DestinationFacts, 'values'> & {
  readonly survey: Pick<DestinationFacts['survey'], 'inbound' | 'rights'>;
};

/** Where the keys of each entity come from, by what the login may do and what the destination holds. By node. */
export function chooseKeyOrigins(outline: Outline, destination: DestinationRows): ReadonlyMap<number, KeyOrigin> {
  return new Map(outline.entities.map((entity) => [entity.node, originOf(outline, destination, entity)]));
}

function originOf(outline: Outline, destination: DestinationRows, entity: DraftEntity): KeyOrigin {
  if (meansSomething(outline, entity)) return 'preserved';
  const mayPreserve = mayInsertKeys(destination.survey.rights, entity.destination.name);
  if (outline.request.keys === 'generate') return 'generated';
  if (
    mayPreserve &&
    entity.processTable === null &&
    deletesAll(outline, entity) &&
    !survivorsRefer(outline, destination, entity)
  )
    return 'preserved';
  return mayPreserve ? 'reserved' : 'generated';
}

/** Keys that are texts, references or numbers of the application's own are the same on both sides. */
function meansSomething({ registry }: Outline, { node, columns: [key] }: DraftEntity): boolean {
  const follows = key?.treatment.kind === 'key' && key.treatment.follows !== undefined;
  return follows || registry.nodes[node]?.keyKind === 'text' || registry.nodes[node]?.destination?.identity !== true;
}

/** What is to be said of the keys as they were chosen. */
export function keyFindings(
  outline: Outline,
  source: SourceFacts,
  destination: DestinationFacts,
  origins: ReadonlyMap<number, KeyOrigin>,
): Finding[] {
  return outline.entities.flatMap((entity) => {
    const origin = origins.get(entity.node);
    if (origin === undefined) return [];
    return [
      ...inTheWay(outline, destination, entity),
      ...notPreserved(outline, destination, entity, origin),
      ...addedToRows(destination, entity, origin),
      ...headroom(outline, source, destination, entity, origin),
    ];
  });
}

function inTheWay(outline: Outline, destination: DestinationFacts, entity: DraftEntity): Finding[] {
  const rows = destination.survey.entities[entity.name]?.rows ?? 0;
  if (!meansSomething(outline, entity) || entity.processTable !== null) return [];
  if (entity.data !== 'keep' || entity.match.length > 0 || rows === 0) return [];
  const text = `Its keys are kept as they are, and ${rows} rows of the destination stay: they may have the same keys.`;
  return [finding('KEY_CONFLICT', entity.name, text)];
}

function notPreserved(
  { request }: Outline,
  { survey: { rights } }: DestinationFacts,
  entity: DraftEntity,
  origin: KeyOrigin,
): Finding[] {
  if (request.keys !== 'preserve' || origin === 'preserved' || entity.processTable !== null) return [];
  const text = mayInsertKeys(rights, entity.destination.name)
    ? 'Rows of the destination stay or refer to it.'
    : 'The login may not insert identity values.';
  return [finding('KEY_NOT_PRESERVABLE', entity.name, text)];
}

/** Rows that stay and match nothing have the loaded rows beside them: what was refreshed before is there twice. */
function addedToRows(destination: DestinationFacts, entity: DraftEntity, origin: KeyOrigin): Finding[] {
  const rows = destination.survey.entities[entity.name]?.rows ?? 0;
  if (entity.data !== 'keep' || entity.match.length > 0 || rows === 0) return [];
  if (entity.processTable !== null || origin === 'preserved') return [];
  const text = `${rows} rows of the destination stay, and nothing says which of them a loaded row is: all are added.`;
  return [finding('DATA_MATCH_NEEDED', entity.name, text)];
}

/**
 * Rows that stay and hold an old key would point at a new row if it got the same key: of the entity, or of one whose keys
 * are keys of this one.
 */
function survivorsRefer(outline: Outline, destination: DestinationRows, entity: DraftEntity): boolean {
  const nodes = withFollowers(outline, entity.node);
  const columns = outline.inbound.some(
    (each) =>
      !each.enforced &&
      nodes.has(outline.entities[each.target]?.node ?? -1) &&
      (destination.survey.inbound[inboundKey(each)] ?? 0) > 0,
  );
  if (columns) return true;
  const deleted = new Set(
    outline.request.destinationData === 'deleteFirst' ? (outline.processes?.destinationDefinitionIds ?? []) : [],
  );
  const counterparts = new Set(
    outline.registry.nodes.filter((each) => nodes.has(each.node)).map((each) => each.destinationEntity),
  );
  return destination.values.some((value) => {
    const named = outline.destination.entityOfType(value.ssType);
    return !deleted.has(value.topDefinitionId) && named !== null && counterparts.has(named);
  });
}

/** A node, and those whose keys follow its keys, directly or through others. */
function withFollowers(outline: Outline, node: number): ReadonlySet<number> {
  const found = new Set([node]);
  for (let before = 0; before !== found.size;) {
    before = found.size;
    for (const { node: other, columns } of outline.entities) {
      const treatment = columns[0]?.treatment;
      if (treatment?.kind === 'key' && treatment.follows !== undefined && found.has(treatment.follows.node))
        found.add(other);
    }
  }
  return found;
}

/** New identities must fit the type above what is there (traps 29, 73). */
function headroom(
  outline: Outline,
  source: SourceFacts,
  destination: DestinationFacts,
  entity: DraftEntity,
  origin: KeyOrigin,
): Finding[] {
  const node = outline.registry.nodes[entity.node];
  const limit = largest[node?.destination?.type.name ?? ''];
  const here = source.survey.entities[entity.name];
  const there = destination.survey.entities[entity.name];
  if (limit === undefined || here === undefined || there === undefined) return [];
  if (origin === 'preserved') {
    const highest = BigInt(here.highest ?? 0);
    return highest > limit
      ? [
          finding(
            'KEY_HEADROOM',
            entity.name,
            `The source's keys reach ${highest}; the destination's type ends at ${limit}.`,
          ),
        ]
      : [];
  }
  const top = [there.highest, there.identity].map((value) => BigInt(value ?? 0)).reduce((a, b) => (a > b ? a : b));
  if (top + BigInt(here.rows) <= limit) return [];
  return [
    finding(
      'KEY_HEADROOM',
      entity.name,
      `The destination's keys reach ${top}; with ${here.rows} rows more they pass ${limit}.`,
    ),
  ];
}
