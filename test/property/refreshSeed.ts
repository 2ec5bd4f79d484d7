/** One random refresh: write two environments, look, refresh, look again, compare. */
import fc from 'fast-check';
import type mssql from 'mssql';
import type { FactoryModel } from '../../sandbox/factories/model.js';
import { readByMarkers, type OracleReading } from '../../sandbox/factories/oracle.js';
import { fixedPasswordVariable } from '../../src/migrate/mapUsers/passwords.js';
import { planRefresh } from '../../src/plan/planRefresh.js';
import type { Finding } from '../../src/plan/refreshPlan.js';
import { parseRequest } from '../../src/request.js';
import { RefreshError } from '../../src/sqlserver/errors.js';
import { preparedEnvironments, type PreparedEnvironments } from '../support/preparedEnvironments.js';
import { randomFactory } from '../support/randomFactory.js';
import { StageRig } from '../support/stageRig.js';
import { changeDestination, CircumstancedEnvironments } from './circumstances.js';
import { checkDirectory } from './oracle/checkDirectory.js';
import { checkProcesses } from './oracle/checkProcesses.js';
import { checkRows } from './oracle/checkRows.js';
import { checkSubscriptions } from './oracle/checkSubscriptions.js';
import { checkTouched } from './oracle/checkTouched.js';
import { Images } from './oracle/images.js';
import { checkKeys } from './oracle/keys.js';
import { compareForeseen, isJustified, neededRefusals } from './oracle/refusals.js';
import { OracleScope } from './oracle/scope.js';
import { fixedPassword } from './oracle/userImages.js';
import { csvOf, drawnLines, UserMap } from './oracle/userMap.js';
import { keptMarker, randomCircumstances, type Circumstances, type Options } from './randomRequest.js';
import { identitiesBehind, readObjectStates, readRawTables, touchedTables, type RawTables } from './rawTables.js';

export interface Outcome {
  /**
   * 'refused': the plan had blocking findings, each with a reason that the oracle found too, or an entity parked of which
   * the plan had warned.
   */
  readonly kind: 'refreshed' | 'refused';
  readonly problems: readonly string[];
  readonly codes: readonly string[];
  readonly circumstances: Circumstances;
}

const rows = 60;

process.env[fixedPasswordVariable] = fixedPassword;

interface Look {
  readonly reading: OracleReading;
  readonly raw: RawTables;
  readonly states: readonly string[];
}

export async function refreshSeed(seed: number): Promise<Outcome> {
  const [model] = fc.sample(randomFactory(), { seed, numRuns: 1 });
  if (model === undefined) throw new Error('fast-check gave no model.');
  const [circumstances] = fc.sample(randomCircumstances(model), { seed, numRuns: 1 });
  if (circumstances === undefined) throw new Error('fast-check gave no request.');
  const prepared = await preparedEnvironments({ rows, seed, model, scheduler: false });
  await changeDestination(prepared, circumstances);
  const environments = await CircumstancedEnvironments.open(prepared, circumstances);
  try {
    return await refreshAndCheck(environments, model, circumstances);
  } finally {
    await environments.drop();
  }
}

async function refreshAndCheck(
  circumstanced: CircumstancedEnvironments,
  model: FactoryModel,
  circumstances: Circumstances,
): Promise<Outcome> {
  const { options, people } = circumstances;
  const { environments } = circumstanced;
  const production = await look(environments.production, model);
  let before = await look(environments.qa, model);
  const scope = new OracleScope(model, circumstances, production.reading, before.reading);
  const lines = drawnLines(people.map, production.reading, before.reading);
  if (lines.length > 0) await circumstanced.writeUserMap(csvOf(lines));
  const asked = requestOf(options, await keysToKeep(environments, scope, circumstances));
  const request = parseRequest(asked);
  const { plan } = await planRefresh(environments.configuration, request);
  const codes = [...new Set(plan.findings.filter((each) => each.severity === 'blocking').map((each) => each.code))];
  const problems = checkFindings(
    plan.findings,
    new Images(scope, production.reading, before.reading, null, new UserMap(lines, production.reading, before.reading)),
    before.reading,
  );
  if (codes.length > 0) return { kind: 'refused', problems, codes, circumstances };
  for (const round of repeatable(scope, circumstances) ? ['first', 'second'] : ['first']) {
    const rig =
      round === 'first'
        ? await StageRig.openPlanned(environments, plan, request)
        : await StageRig.open(environments, asked);
    const parked = await rig.all(options.batch.rows).then(
      () => null,
      (error: unknown) => foreseen(error, plan.findings),
    );
    await rig.close();
    if (parked !== null) return { kind: 'refused', problems, codes: [parked], circumstances };
    const after = await look(environments.qa, model);
    const userMap = new UserMap(lines, production.reading, before.reading);
    const images = new Images(scope, production.reading, before.reading, after.reading, userMap);
    const found = [
      ...checkRows(images, before.reading, after.reading),
      ...checkProcesses(images, before.reading, after.reading),
      ...checkDirectory(images, before.reading, after.reading),
      ...checkSubscriptions(images, before.reading, after.reading),
      ...checkKeys(images, before.reading, {
        production: { raw: production.raw, tables: environments.factories.production.tables },
        before: { raw: before.raw, tables: environments.factories.qa.tables },
        after: { raw: after.raw, tables: environments.factories.qa.tables },
      }),
      ...checkTouched(images, environments.factories.qa.tables, before.raw, after.raw),
      ...compareStates(before.states, after.states),
      ...(await identitiesBehind(environments.qa)),
      ...touchedTables(production.raw, await readRawTables(environments.production), () => false).map(
        (each) => `source: ${each}`,
      ),
    ];
    problems.push(...found.map((each) => `${round} refresh: ${each}`));
    if (found.length > 0) problems.push(...(await setAside(rig)));
    before = after;
  }
  return { kind: 'refreshed', problems, codes, circumstances };
}

function checkFindings(findings: readonly Finding[], images: Images, before: OracleReading): string[] {
  const blocking = findings.filter((each) => each.severity === 'blocking');
  return [
    ...compareForeseen(findings, images, before),
    ...blocking
      .filter((each) => !isJustified(each, images, before))
      .map((each) => `the plan refuses without reason: ${each.code} ${each.subject}: ${each.message}`),
    ...neededRefusals(images, before)
      .filter((code) => !blocking.some((each) => each.code === code))
      .map((code) => `the plan does not refuse: ${code}`),
  ];
}

/** The warning by which the plan foretold that an entity may park; any other failure is one of the product. */
function foreseen(error: unknown, findings: readonly Finding[]): string {
  const unchecked = findings.find(
    (each) =>
      error instanceof RefreshError &&
      error.code === 'duplicateKey' &&
      each.code === 'UNIQUE_UNCHECKED' &&
      each.subject.startsWith(`${error.details.subject ?? ''}.`),
  );
  if (unchecked === undefined) throw error;
  return unchecked.code;
}

/** What the run itself says of rows that it left behind, to understand a difference. */
async function setAside(rig: StageRig): Promise<string[]> {
  const { plan, state } = rig.context;
  const rows = await rig.inDestination((session) =>
    session.rows(
      `SELECT q.entity, q.attribute, q.reason, COUNT(*) FROM ${state.table('quarantine')} q GROUP BY q.entity, q.attribute, q.reason`,
    ),
  );
  return rows.map(([entity, attribute, reason, count]) => {
    const node = plan.nodes[plan.entities[Number(entity)]?.node ?? -1];
    return `(set aside: ${String(count)} rows of ${node?.entity ?? ''}, ${String(attribute)}: ${String(reason)})`;
  });
}

async function look(pool: mssql.ConnectionPool, model: FactoryModel): Promise<Look> {
  return {
    reading: await readByMarkers(pool, model, { tellUsersApart: true, passwords: true }),
    raw: await readRawTables(pool),
    states: await readObjectStates(pool),
  };
}

function requestOf(options: Options, keepRows: ReadonlyMap<string, readonly string[]>): Record<string, unknown> {
  const entities = Object.fromEntries(
    Object.entries(options.entities).map(([path, each]) => [path, { ...each, keepRows: keepRows.get(path) ?? [] }]),
  );
  return { source: 'production', destination: 'qa', ...options, entities };
}

/** Keys in the destination of the rows that are to survive, found by their markers. */
async function keysToKeep(
  { qa, factories }: PreparedEnvironments,
  scope: OracleScope,
  { keepsRows }: Circumstances,
): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const path of keepsRows) {
    const { primaryKey, marker } = scope.destination.entity(path).item;
    const table = factories.qa.tables[path];
    if (table === undefined) continue;
    const columns = await qa.request().query<{ attribute: string; name: string }>(
      `SELECT a.NAME AS attribute, a.DATABASE_NAME AS name FROM OSSYS_ENTITY_ATTR a
       INNER JOIN OSSYS_ENTITY e ON e.ID = a.ENTITY_ID WHERE a.IS_ACTIVE = 1 AND e.PHYSICAL_TABLE_NAME = '${table}'`,
    );
    const columnOf = (name: string) => columns.recordset.find((each) => each.attribute === name)?.name ?? name;
    const { recordset } = await qa
      .request()
      .query<{ id: string; marker: string }>(
        `SELECT CONVERT(nvarchar(400), [${columnOf(primaryKey)}]) AS id, [${columnOf(marker)}] AS marker FROM dbo.[${table}]`,
      );
    found.set(
      path,
      recordset.filter((row) => keptMarker.test(row.marker)).map((row) => row.id),
    );
  }
  return found;
}

/** Kept rows without match attributes are inserted again at each refresh. */
function repeatable(scope: OracleScope, { again, options }: Circumstances): boolean {
  const matched = (path: string): boolean => scope.dataOf(path) === 'deleteFirst' || scope.matches(path);
  const processes = options.destinationData === 'deleteFirst' || !options.processes.migrate;
  return again && processes && [...scope.moved].every(matched);
}

function compareStates(before: readonly string[], after: readonly string[]): string[] {
  return [
    ...before.filter((each) => !after.includes(each)).map((each) => `state before: ${each}`),
    ...after.filter((each) => !before.includes(each)).map((each) => `state after: ${each}`),
  ];
}
