import type { RefreshRequest } from '../contract.js';
import { environmentNamed, type Configuration } from '../config.js';
import { tableKey } from '../factory/factory.js';
import { fingerprint } from '../factory/fingerprint.js';
import { readFactory } from '../factory/readFactory.js';
import type { ReadDatabase } from '../sqlserver/readDatabase.js';
import { surveyDestination } from '../survey/destinationSurvey.js';
import type { DestinationFacts, SourceFacts } from '../survey/facts.js';
import { assertDifferentDatabases, assertDirection, readIdentity } from '../survey/identity.js';
import { surveyValueTypes } from '../survey/processTrees.js';
import { assertSourceRights, readDestinationRights, readTableRights } from '../survey/rights.js';
import { surveyRecreatedUsers } from '../survey/recreatedUsers.js';
import { surveySource } from '../survey/sourceSurvey.js';
import { surveyGroups } from '../survey/groups.js';
import { surveyMatches, surveyUniqueness } from '../survey/uniqueness.js';
import { surveyUserMap } from '../survey/userMap.js';
import { surveyUsers } from '../survey/users.js';
import { buildPlan } from './buildPlan.js';
import type { DraftEntity } from './draft.js';
import { chooseKeyOrigins } from './keyOrigins.js';
import { outlinePlan, type Outline } from './outline.js';
import type { RefreshPlan } from './refreshPlan.js';
import { withinRights } from './rightsLevel.js';

export interface PlanDependencies {
  readonly request: RefreshRequest;
  readonly configuration: Configuration;
  /** Connections to the two environments that the request names; they are only read. */
  readonly source: ReadDatabase;
  readonly destination: ReadDatabase;
  /** Told what is being looked at, for the operator. */
  readonly onProgress?: (what: string) => void;
}

/**
 * Looks at both environments and decides the whole refresh, with reads alone. A plan with blocking findings is
 * returned too: call assertRunnable() before carrying it out.
 * Throws BadInputError for what makes a plan impossible: unknown environment or name, swapped or equal databases,
 * missing platform tables, a source login that cannot read or could write.
 */
export async function makePlan(dependencies: PlanDependencies): Promise<RefreshPlan> {
  const { request, configuration, onProgress = () => undefined } = dependencies;
  const facts = await gatherFacts(dependencies, onProgress);
  onProgress('deciding');
  return buildPlan(request, configuration, facts.source, facts.destination);
}

async function gatherFacts(
  { request, configuration, source, destination }: PlanDependencies,
  onProgress: (what: string) => void,
): Promise<{ source: SourceFacts; destination: DestinationFacts }> {
  const from = { name: request.source, ...environmentNamed(configuration, request.source) };
  const to = { name: request.destination, ...environmentNamed(configuration, request.destination) };
  assertDirection(from, to);
  onProgress('identifying both databases');
  const [sourceIdentity, destinationIdentity] = await Promise.all([readIdentity(source), readIdentity(destination)]);
  assertDifferentDatabases(
    { name: from.name, identity: sourceIdentity },
    { name: to.name, identity: destinationIdentity },
  );

  onProgress('reading both metamodels');
  const [sourceFactory, destinationFactory] = await Promise.all([
    readFactory(source, from.name),
    readFactory(destination, to.name),
  ]);
  const rights = await readDestinationRights(
    destination,
    destinationFactory,
    'schema' in to.state ? to.state.schema : '',
  );
  const feasible = withinRights(request, rights, destinationFactory);
  const [sourceValues, destinationValues] = feasible.processes.migrate
    ? await Promise.all([surveyValueTypes(source), surveyValueTypes(destination)])
    : [[], await surveyValueTypes(destination)];
  const outline = outlinePlan(feasible, sourceFactory, destinationFactory, sourceValues);
  const sourceRights = await readTableRights(source, sourceFactory);
  assertSourceRights(from, sourceRights, readTables(outline));

  onProgress('surveying the source');
  const { moved, ...counts } = await surveySource(
    source,
    outline,
    (table) => sourceRights[tableKey(table)]?.select === true,
  );
  onProgress('surveying users');
  const folder = configuration.folder ?? process.cwd();
  const userMap = await surveyUserMap(source, destination, folder, request.users.map);
  const users = await surveyUsers(source, destination, outline, moved, userMap);
  const groups = await surveyGroups(source, destination, outline, moved);
  onProgress('surveying the destination');
  const surveyed = await surveyDestination(destination, outline, rights);
  const spared = { fallbackId: surveyed.fallbackUserId, shared: userMap.shared };
  const recreated = await surveyRecreatedUsers(destination, outline, rights, users.images, spared);
  const survey = { ...surveyed, recreated };
  onProgress('comparing unique indexes');
  const origins = chooseKeyOrigins(outline, { survey, values: destinationValues });
  const carrying = { outline, origins, moved, users: { ...spared, pairs: users.pairs } };
  const movedRows = (entity: DraftEntity): number => counts.entities[entity.name]?.rows ?? 0;
  const unique = await surveyUniqueness(source, destination, carrying, (entity) => ({
    moved: movedRows(entity),
    staying: survey.entities[entity.name]?.rows ?? 0,
  }));
  const alikeInMatch = await surveyMatches(source, carrying, movedRows);
  return {
    source: {
      name: from.name,
      identity: sourceIdentity,
      factory: sourceFactory,
      values: sourceValues,
      survey: { ...counts, users: users.facts, groups, userMap, unique, alikeInMatch },
    },
    destination: {
      name: to.name,
      identity: destinationIdentity,
      factory: destinationFactory,
      values: destinationValues,
      survey,
    },
  };
}

/** Source tables that the refresh reads: those whose rows move, and those that tell orphans from unmapped references. */
function readTables(outline: Outline) {
  const tables = [
    ...outline.entities.map((entity) => entity.source.name),
    ...outline.registry.nodes.flatMap((node) => node.source?.table ?? []),
  ];
  return [
    ...new Map(tables.map((table) => [`${table.database ?? ''}.${table.schema}.${table.table}`, table])).values(),
  ];
}

/**
 * Reads both metamodels again and says which environments changed since the plan was made (trap 86); empty: none.
 */
export async function driftedEnvironments(
  plan: RefreshPlan,
  source: ReadDatabase,
  destination: ReadDatabase,
): Promise<string[]> {
  const keys = plan.moduleKeys ?? [];
  const drifted = await Promise.all(
    [
      { planned: plan.source, db: source },
      { planned: plan.destination, db: destination },
    ].map(async ({ planned, db }) =>
      fingerprint(await readFactory(db, planned.name), keys) === planned.fingerprint ? [] : [planned.name],
    ),
  );
  return drifted.flat();
}
