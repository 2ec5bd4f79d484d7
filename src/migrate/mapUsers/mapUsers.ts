import type { SliceResult } from '../../contract.js';
import type { PlannedNode, RefreshPlan } from '../../plan/refreshPlan.js';
import { refuse } from '../../sqlserver/errors.js';
import type { BatchStatements } from '../migrateEntities/batchStatements.js';
import { migrateEntity } from '../migrateEntities/entityLoop.js';
import type { EntityShape } from '../migrateEntities/entityShape.js';
import { ItemProgress } from '../migrateEntities/itemProgress.js';
import { withStagingLanes } from '../migrateEntities/stagingLanes.js';
import { withDestination, withSource, type StageContext } from '../stageContext.js';
import { keyOwners } from '../state/keyOwners.js';
import { isFinished, ledgered, readLedger } from '../state/ledger.js';
import { recordFact } from '../state/notes.js';
import { runNumberOf } from '../state/run.js';
import { withWriteTransaction } from '../state/transaction.js';
import { chooseUsers } from './chooseUsers.js';
import { recordRoles } from './effectiveRoles.js';
import { linkTables, mapLinks, removeGroupRoles } from './memberships.js';
import { platformEntity, type PlatformTreatments } from './platformEntity.js';
import { passwordTreatment, type Password } from './passwords.js';
import { nodeOfKind, type Stage } from './userStage.js';
import { loadUserPairs, recordMapped, requireMappedUsers } from './userPairs.js';
import { userStatements } from './userStatements.js';

/** Rows of OSSYS_USER or OSSYS_GROUP a batch: running applications use these tables. */
const pageLimits = { rows: 2_000, bytes: 16_000_000, ranges: 1 };

/**
 * Gives every user that the data refers to an image: users of the destination are matched, first by the file that maps
 * users, then by attributes; missing ones are created as the request says, the rest stands for the fallback user or stays
 * without image. Then groups by name and tenant, and the memberships of users and groups, without duplicates.
 */
export async function mapUsers(context: StageContext): Promise<SliceResult> {
  let handled = 0;
  const done = await withDestination(context, (destination) =>
    withSource(context, async (source) => {
      const user = nodeOfKind(context.plan, 'user');
      const group = nodeOfKind(context.plan, 'group');
      if (user === null) return true;
      const owners = await keyOwners(destination, context.state, context.plan);
      const stage: Stage = { context, source, destination, owners, count: (rows) => (handled += rows) };
      const writes = context.plan.request.users.mode !== 'matchOnly';
      if (writes && !(await recordRoles(stage, 'before'))) return false;
      await loadUserPairs(destination, context.plan);
      if (!(await chooseUsers(context, source, destination, user.node))) return false;
      if (!(await mapUserRows(stage, user))) return false;
      await recordMapped(stage, user);
      await mapFallback(stage, user);
      if (group !== null && !(await mapGroupRows(stage, group))) return false;
      return (await mapMemberships(stage)) && (!writes || (await recordRoles(stage, 'after')));
    }),
  );
  return { done, handled, waiting: null, problems: [] };
}

/** Columns that the names of the request's match list mean. */
const matchColumns: Readonly<Record<string, string>> = {
  username: 'USERNAME',
  tenant: 'TENANT_ID',
  email: 'EMAIL',
  name: 'NAME',
  externalid: 'EXTERNAL_ID',
};

async function mapUserRows(stage: Stage, user: PlannedNode): Promise<boolean> {
  const { users } = stage.context.plan.request;
  const password = passwordTreatment(users.passwords);
  const treatments: PlatformTreatments = {
    TENANT_ID: tenantReference(stage.context.plan),
    PASSWORD: password.treatment,
  };
  return mapPlatformRows(stage, user, {
    workItem: 'users',
    create: users.mode !== 'matchOnly',
    match: users.match.map((name) => matchColumns[name.toLowerCase()] ?? name.toUpperCase()),
    treatments,
    password,
  });
}

async function mapGroupRows(stage: Stage, group: PlannedNode): Promise<boolean> {
  return mapPlatformRows(stage, group, {
    workItem: 'groups',
    create: stage.context.plan.request.users.mode !== 'matchOnly',
    match: ['NAME', 'TENANT_ID'],
    treatments: { TENANT_ID: tenantReference(stage.context.plan) },
    password: null,
  });
}

/** A user or group of a tenant without image cannot exist in the destination: it is set aside. */
function tenantReference(plan: RefreshPlan): NonNullable<PlatformTreatments[string]> {
  const tenant = nodeOfKind(plan, 'tenant');
  if (tenant === null) return { kind: 'copy' };
  return {
    kind: 'reference',
    node: tenant.node,
    unmapped: 'quarantine',
    orphans: 'quarantine',
    enforcedInSource: false,
    enforcedInDestination: true,
    deferred: false,
  };
}

interface PlatformRows {
  readonly workItem: 'users' | 'groups';
  readonly create: boolean;
  readonly match: readonly string[];
  readonly treatments: PlatformTreatments;
  readonly password: Password | null;
}

async function mapPlatformRows(stage: Stage, node: PlannedNode, rows: PlatformRows): Promise<boolean> {
  const { context, source, destination, owners } = stage;
  if (await isFinished(destination, context.state, context.run.run, rows.workItem)) return true;
  const { plan, index } = await platformEntity(context.plan, node, source, destination, rows);
  const missing = rows.match.filter(
    (name) => !plan.entities[index]?.columns.some((column) => column.destination.column.toUpperCase() === name),
  );
  if (missing.length > 0) {
    throw refuse(
      'schemaDiffers',
      `match columns are missing: ${missing.join(', ')}`,
      'Correct users.match in the request.',
      node.entity,
    );
  }
  if (rows.workItem === 'users') await requireMappedUsers(destination);
  const ledger = await readLedger(destination, context.state, context.run.run, rows.workItem);
  const progress = new ItemProgress(rows.workItem, [index], 1, ledger);
  const lookupContext = {
    plan,
    state: context.state,
    owners,
    runNumber: await runNumberOf(destination, context.state, context.run),
  };
  const adaptation = {
    literals: rows.password?.value == null ? new Map() : new Map([['PASSWORD', rows.password.value]]),
    adapt: (built: BatchStatements, shape: EntityShape) =>
      userStatements(built, shape, lookupContext, rows.workItem === 'users'),
  };
  await withStagingLanes(
    context,
    destination,
    (lanes) =>
      migrateEntity({ context, plan, source, lanes, lookupContext, limits: pageLimits, progress }, index, adaptation),
    (session) => loadUserPairs(session, context.plan),
  );
  stage.count(progress.of(index).rowsDone);
  return progress.done;
}

/** Users that were neither matched nor created stand for the fallback user, where the request names one. */
async function mapFallback(stage: Stage, user: PlannedNode): Promise<void> {
  const { context, destination, owners } = stage;
  const fallback = context.plan.users?.fallbackId ?? null;
  const owner = owners.get(user.node);
  if (fallback === null || owner === undefined) return;
  if (await isFinished(destination, context.state, context.run.run, 'userFallback')) return;
  const map = context.state.table('key_map');
  await withWriteTransaction(destination, context.state, context.run, false, (transaction) =>
    ledgered(transaction, context.state, 'userFallback', async () => {
      const [row] = await destination.rows(
        [
          'SET NOCOUNT ON;',
          `INSERT INTO ${map} (owner, source_key, destination_key, run)`,
          `SELECT ${owner}, c.source_key, ${fallback}, ${transaction.runNumber} FROM ${context.state.table('chosen_key')} c`,
          `WHERE c.run = ${transaction.runNumber} AND c.node = ${user.node}`,
          `AND NOT EXISTS (SELECT 1 FROM ${map} m WHERE m.owner = ${owner} AND m.source_key = c.source_key);`,
          'SELECT @@ROWCOUNT;',
        ].join('\n'),
      );
      const rowsMatched = Number(row?.[0]);
      if (rowsMatched > 0)
        await recordFact(transaction, context.state, 'mapUsers', 'users that stand for the fallback user', rowsMatched);
      return { rowsMatched, last: true };
    }),
  );
}

async function mapMemberships(stage: Stage): Promise<boolean> {
  const { mode } = stage.context.plan.request.users;
  if (mode === 'matchOnly') return true;
  if (mode === 'recreate' && !(await removeGroupRoles(stage))) return false;
  for (const link of linkTables) {
    if (!(await mapLinks(stage, link))) return false;
  }
  return true;
}
