import { tableKey } from '../factory/factory.js';
import type { DestinationFacts, SourceFacts } from '../survey/facts.js';
import type { DraftEntity } from './draft.js';
import { finding } from './findings.js';
import { inboundKey } from './inbound.js';
import type { Outline } from './outline.js';
import type { Finding, KeyOrigin } from './refreshPlan.js';

const largest: Readonly<Record<string, bigint>> = {
  tinyint: 255n,
  smallint: 32_767n,
  int: 2_147_483_647n,
  bigint: 9_223_372_036_854_775_807n,
};

/** What the choice needs of the facts of both sides. */
type SourceRows = { readonly survey: Pick<SourceFacts['survey'], 'entities'> };
type DestinationRows = Pick<DestinationFacts, 'values'> & {
  readonly survey: Pick<DestinationFacts['survey'], 'entities' | 'inbound' | 'rights'>;
};

/** Where the keys of each entity come from, by what the login may do and what the destination holds. */
export function chooseKeyOrigins(
  outline: Outline,
  source: SourceRows,
  destination: DestinationRows,
  deletesAll: (entity: DraftEntity) => boolean,
): Finding[] {
  const findings: Finding[] = [];
  for (const entity of outline.entities) {
    const node = outline.registry.nodes[entity.node];
    if (node === undefined) continue;
    node.origin = originOf(outline, destination, entity, deletesAll, findings);
    findings.push(...addedToRows(destination, entity, node.origin));
    findings.push(...headroom(outline, source, destination, entity, node.origin));
  }
  return findings;
}

function originOf(
  outline: Outline,
  destination: DestinationRows,
  entity: DraftEntity,
  deletesAll: (entity: DraftEntity) => boolean,
  findings: Finding[],
): KeyOrigin {
  const { request } = outline;
  const node = outline.registry.nodes[entity.node];
  const [key] = entity.columns;
  const follows = key?.treatment.kind === 'key' && key.treatment.follows !== undefined;
  const there = destination.survey.entities[entity.name]?.rows ?? 0;
  if (follows || node?.keyKind === 'text' || node?.destination?.identity !== true) {
    // Keys that carry a meaning are the same on both sides, so rows that stay may stand in the way.
    if (entity.data === 'keep' && entity.match.length === 0 && there > 0 && entity.processTable === null) {
      findings.push(
        finding(
          'KEY_CONFLICT',
          entity.name,
          `Its keys are kept as they are, and ${there} rows of the destination stay: they may have the same keys.`,
        ),
      );
    }
    return 'preserved';
  }
  const mayInsertKeys = destination.survey.rights.tables[tableKey(entity.destination.name)]?.alter === true;
  const preservable =
    mayInsertKeys &&
    entity.processTable === null &&
    deletesAll(entity) &&
    !survivorsRefer(outline, destination, entity);
  if (request.keys === 'generate') return 'generated';
  if (preservable) return 'preserved';
  if (request.keys === 'preserve' && entity.processTable === null) {
    findings.push(
      finding(
        'KEY_NOT_PRESERVABLE',
        entity.name,
        mayInsertKeys ? 'Rows of the destination stay or refer to it.' : 'The login may not insert identity values.',
      ),
    );
  }
  return mayInsertKeys ? 'reserved' : 'generated';
}

/** Rows that stay and match nothing have the loaded rows beside them: what was refreshed before is there twice. */
function addedToRows(destination: DestinationRows, entity: DraftEntity, origin: KeyOrigin): Finding[] {
  const rows = destination.survey.entities[entity.name]?.rows ?? 0;
  if (entity.data !== 'keep' || entity.match.length > 0 || rows === 0) return [];
  if (entity.processTable !== null || origin === 'preserved') return [];
  const text = `${rows} rows of the destination stay, and nothing says which of them a loaded row is: all are added.`;
  return [finding('DATA_MATCH_NEEDED', entity.name, text)];
}

/** Rows that stay and hold an old key would point at a new row if it got the same key. */
function survivorsRefer(outline: Outline, destination: DestinationRows, entity: DraftEntity): boolean {
  const index = outline.entities.indexOf(entity);
  const columns = outline.inbound.some(
    (each) =>
      each.target === index &&
      !each.enforced &&
      (each.owner === null || outline.entities[each.owner]?.data === 'keep') &&
      (destination.survey.inbound[inboundKey(each)] ?? 0) > 0,
  );
  if (columns) return true;
  const deleted = new Set(
    outline.request.destinationData === 'deleteFirst' ? (outline.processes?.destinationDefinitionIds ?? []) : [],
  );
  const counterpart = outline.registry.nodes[entity.node]?.destinationEntity;
  return destination.values.some(
    (value) =>
      !deleted.has(value.topDefinitionId) &&
      counterpart != null &&
      outline.destination.entityOfType(value.ssType) === counterpart,
  );
}

/** New identities must fit the type above what is there (traps 29, 73). */
function headroom(
  outline: Outline,
  source: SourceRows,
  destination: DestinationRows,
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
