import type { StageFailure } from '../../contract.js';
import type { PlannedEntity, RefreshPlan } from '../../plan/refreshPlan.js';
import { quoteName, quoteTable } from '../../sqlserver/quoteName.js';
import type { DestinationSession } from '../../sqlserver/session.js';
import { deletionFilter } from '../deleteDestinationData/deleteStatements.js';
import { plannedNode } from '../migrateEntities/lookup.js';
import { hashOf } from './rowHash.js';

/** Rows of one table that the refresh is to leave as they are, with what they add up to. */
export interface Survivors {
  readonly entity: string;
  /** Condition on `d`. */
  readonly condition: string;
  readonly rows: string;
  readonly checksum: string;
}

export const survivorsNote = 'survivors';

/**
 * Looks at the rows that must survive: rows kept by key, rows of other tenants, and, where the destination's data is
 * kept and no match updates it, all that are there. Rows of platform tables are not looked at: other applications go on
 * writing them.
 */
export async function readSurvivors(session: DestinationSession, plan: RefreshPlan): Promise<Survivors[]> {
  const survivors: Survivors[] = [];
  for (const entity of plan.entities) {
    const condition = await survivingRows(session, plan, entity);
    if (condition === null) continue;
    const node = plannedNode(plan, entity.node);
    survivors.push({
      entity: `${node.espace}.${node.entity}`,
      condition,
      ...(await addUp(session, entity, condition)),
    });
  }
  return survivors;
}

export async function compareSurvivors(
  session: DestinationSession,
  plan: RefreshPlan,
  before: readonly Survivors[],
): Promise<StageFailure[]> {
  const problems: StageFailure[] = [];
  for (const { entity: name, condition, rows, checksum } of before) {
    const entity = plan.entities.find(({ node }) => {
      const { espace, entity } = plannedNode(plan, node);
      return `${espace}.${entity}` === name;
    });
    if (entity === undefined) continue;
    const now = await addUp(session, entity, condition);
    if (now.rows === rows && now.checksum === checksum) continue;
    const what = now.rows === rows ? 'have other values' : `are ${now.rows}`;
    problems.push({
      code: 'survivorsChanged',
      message: `${name}: the ${rows} rows that were to stay as they are ${what} now`,
      sqlNumber: null,
      subject: name,
      remedy: 'Find out who else writes to the destination; then retry verify, or restore the rows from a backup.',
    });
  }
  return problems;
}

/** Condition on `d` for the rows that survive; null if none do, or if they cannot be told from new ones. */
async function survivingRows(
  session: DestinationSession,
  plan: RefreshPlan,
  entity: PlannedEntity,
): Promise<string | null> {
  const table = quoteTable(entity.destinationTable);
  if (entity.processPath !== null || /^ossys_/i.test(entity.destinationTable.table)) return null;
  if (entity.data === 'deleteFirst') {
    const deletion = plan.deletions.find((each) => quoteTable(each.table) === table);
    const filter = deletion === undefined ? '' : deletionFilter(deletion);
    return filter === '' ? null : `NOT (${filter})`;
  }
  const { keyKind, destination, origin } = plannedNode(plan, entity.node);
  const numbered = keyKind === 'integer' && (origin === 'reserved' || origin === 'generated');
  if (!numbered || destination === null || (entity.match.length > 0 && entity.onMatch === 'update')) return null;
  const key = quoteName(destination.column);
  const [row] = await session.rows(`SELECT CONVERT(nvarchar(20), MAX(${key})) FROM ${table};`);
  return row?.[0] == null ? null : `d.${key} <= ${String(row[0])}`;
}

async function addUp(
  session: DestinationSession,
  entity: PlannedEntity,
  condition: string,
): Promise<Pick<Survivors, 'rows' | 'checksum'>> {
  const hash = hashOf(
    entity.columns.map(({ destination }) => ({ value: `d.${quoteName(destination.column)}`, type: destination.type })),
  );
  const [row] = await session.rows(
    `SELECT CONVERT(nvarchar(20), COUNT_BIG(*)), CONVERT(nvarchar(20), COALESCE(SUM(CONVERT(bigint, CONVERT(int, SUBSTRING(${hash}, 1, 4)))), 0)) ` +
      `FROM ${quoteTable(entity.destinationTable)} d WHERE ${condition};`,
  );
  return { rows: String(row?.[0]), checksum: String(row?.[1]) };
}
