import { TYPES } from 'tedious';
import { textList } from '../../sqlserver/quoteName.js';
import type { BulkColumn, SqlRowArray } from '../../sqlserver/session.js';
import { isFinished, ledgered, readLedger } from '../state/ledger.js';
import { recordFact } from '../state/notes.js';
import { withWriteTransaction, type WriteTransaction } from '../state/transaction.js';
import { unlessShared } from './userPairs.js';
import { nodeOfKind, type Stage } from './userStage.js';

/** A platform table that links two things; its rows are carried as pairs, never twice. */
export interface LinkTable {
  readonly table: 'OSSYS_USER_ROLE' | 'OSSYS_GROUP_ROLE' | 'OSSYS_GROUP_USER';
  readonly left: { readonly column: string; readonly kind: 'user' | 'group' };
  readonly right: { readonly column: string; readonly kind: 'user' | 'role' };
}

export const linkTables: readonly LinkTable[] = [
  { table: 'OSSYS_USER_ROLE', left: { column: 'USER_ID', kind: 'user' }, right: { column: 'ROLE_ID', kind: 'role' } },
  {
    table: 'OSSYS_GROUP_ROLE',
    left: { column: 'GROUP_ID', kind: 'group' },
    right: { column: 'ROLE_ID', kind: 'role' },
  },
  {
    table: 'OSSYS_GROUP_USER',
    left: { column: 'GROUP_ID', kind: 'group' },
    right: { column: 'USER_ID', kind: 'user' },
  },
];

const pageRows = 2_000;

const linkColumns: readonly BulkColumn[] = [
  { name: 'id', type: TYPES.BigInt },
  { name: 'left_id', type: TYPES.BigInt },
  { name: 'right_id', type: TYPES.BigInt },
  { name: 'tenant_id', type: TYPES.BigInt },
  { name: 'of_user', type: TYPES.Bit },
];

/** @returns false if the slice ended first */
export async function mapLinks(stage: Stage, link: LinkTable): Promise<boolean> {
  const { context, source, destination } = stage;
  const workItem = `links:${link.table}`;
  if (await isFinished(destination, context.state, context.run.run, workItem)) return true;
  const insert = insertSql(stage, link, await hasTenant(destination, link));
  if (insert === null) return true;
  const page = pageSql(link, await hasTenant(source, link));
  const ledger = await readLedger(destination, context.state, context.run.run, workItem);
  let after = ledger.at(-1)?.endKey ?? null;
  let added = ledger.reduce((sum, entry) => sum + entry.rowsWritten, 0);
  await destination.batch(
    'DROP TABLE IF EXISTS #link_row; CREATE TABLE #link_row (id bigint NOT NULL, left_id bigint NULL, right_id bigint NULL, tenant_id bigint NULL, of_user bit NOT NULL);',
  );
  for (;;) {
    const rows = await source.query(page, {
      rows: { type: 'int', value: pageRows },
      after: { type: 'bigint', value: after },
    });
    const endKey = rows.length === 0 ? after : String(rows.at(-1)?.[0]);
    await destination.batch('TRUNCATE TABLE #link_row;');
    if (rows.length > 0) await destination.bulkLoad('#link_row', linkColumns, rows);
    const last = rows.length < pageRows;
    const write = async (transaction: WriteTransaction): Promise<number> => {
      const { rowsWritten } = await ledgered(transaction, context.state, workItem, async () => ({
        rowsRead: rows.length,
        rowsWritten: Number((await destination.rows(insert(transaction)))[0]?.[0]),
        endKey,
        last,
      }));
      const fact = `${link.table}: memberships added`;
      if (last) await recordFact(transaction, context.state, 'mapUsers', fact, added + rowsWritten);
      return rowsWritten;
    };
    const rowsWritten = await withWriteTransaction(destination, context.state, context.run, true, write);
    added += rowsWritten;
    stage.count(rowsWritten);
    context.heartbeat({ stage: 'mapUsers', subject: link.table, rows: rowsWritten });
    if (last) return true;
    if (context.deadline() || context.signal.aborted) return false;
    after = endKey;
  }
}

/** Whether the link tables hold the tenant differs between platform versions. */
async function hasTenant(session: { query(sql: string): Promise<SqlRowArray[]> }, link: LinkTable): Promise<boolean> {
  const [row] = await session.query(`SELECT COL_LENGTH(N'dbo.${link.table}', N'TENANT_ID')`);
  return row?.[0] != null;
}

/** The last value says that a role is granted in the tenant of the user's own. */
function pageSql(link: LinkTable, fromTenant: boolean): string {
  const tenant = fromTenant ? 'CONVERT(bigint, l.TENANT_ID)' : 'CONVERT(bigint, NULL)';
  const granted = fromTenant && isGrant(link);
  const ofUser = granted ? 'CONVERT(bit, CASE WHEN l.TENANT_ID = u.TENANT_ID THEN 1 ELSE 0 END)' : 'CONVERT(bit, 0)';
  return (
    `SELECT TOP (@rows) CONVERT(bigint, l.ID), CONVERT(bigint, l.${link.left.column}), CONVERT(bigint, l.${link.right.column}), ${tenant}, ${ofUser} ` +
    `FROM dbo.${link.table} l${granted ? ' LEFT JOIN dbo.OSSYS_USER u ON u.ID = l.USER_ID' : ''} WHERE @after IS NULL OR l.ID > @after ORDER BY l.ID`
  );
}

/** A role granted to a user, not to a group: its tenant is the user's, who may stand for one of another (trap 57). */
function isGrant({ table }: LinkTable): boolean {
  return table === 'OSSYS_USER_ROLE';
}

/** Null if one side has no node, so that nothing can be translated. */
function insertSql(
  stage: Stage,
  link: LinkTable,
  toTenant: boolean,
): ((transaction: WriteTransaction) => string) | null {
  const { context, owners } = stage;
  const [left, right, tenant] = [link.left.kind, link.right.kind, 'tenant' as const].map((kind) => {
    const node = nodeOfKind(context.plan, kind);
    return node === null ? undefined : owners.get(node.node);
  });
  if (left === undefined || right === undefined || tenant === undefined) return null;
  const map = context.state.table('key_map');
  const spared = sparedUsers(stage, link);
  const tenantImage = isGrant(link)
    ? 'COALESCE(MAX(CASE WHEN s.of_user = 1 THEN u.TENANT_ID END), MAX(t.destination_key))'
    : 'MAX(t.destination_key)';
  return ({ runNumber }) =>
    [
      'SET NOCOUNT ON;',
      `INSERT INTO dbo.${link.table} (${link.left.column}, ${link.right.column}${toTenant ? ', TENANT_ID' : ''})`,
      `SELECT a.destination_key, b.destination_key${toTenant ? `, ${tenantImage}` : ''} FROM #link_row s`,
      `JOIN ${map} a ON a.owner = ${left} AND a.source_key = s.left_id AND a.run = ${runNumber}`,
      `JOIN ${map} b ON b.owner = ${right} AND b.source_key = s.right_id AND b.run = ${runNumber}`,
      `LEFT JOIN ${map} t ON t.owner = ${tenant} AND t.source_key = s.tenant_id AND t.run = ${runNumber}`,
      ...(isGrant(link) ? ['LEFT JOIN dbo.OSSYS_USER u ON u.ID = a.destination_key'] : []),
      `WHERE (s.of_user = 1 OR s.tenant_id IS NULL OR s.tenant_id = 0 OR t.destination_key IS NOT NULL)${spared}`,
      `AND NOT EXISTS (SELECT 1 FROM dbo.${link.table} d WHERE d.${link.left.column} = a.destination_key AND d.${link.right.column} = b.destination_key)`,
      'GROUP BY a.destination_key, b.destination_key;',
      'SELECT @@ROWCOUNT;',
    ].join('\n');
}

/**
 * The fallback user and those for whom several lines of `users.map` stand must not gather the roles of many; users named
 * in `users.keep` stay as they are.
 */
function sparedUsers(stage: Stage, link: LinkTable): string {
  const alias = link.left.kind === 'user' ? 'a' : link.right.kind === 'user' ? 'b' : null;
  if (alias === null) return '';
  const { plan } = stage.context;
  const conditions: string[] = [` AND ${unlessShared(`${alias}.destination_key`)}`];
  const fallback = plan.users?.fallbackId ?? null;
  if (fallback !== null) conditions.push(` AND ${alias}.destination_key <> ${fallback}`);
  if (plan.request.users.keep.length > 0) {
    conditions.push(
      ` AND NOT EXISTS (SELECT 1 FROM dbo.OSSYS_USER k WHERE k.ID = ${alias}.destination_key AND k.USERNAME IN (${textList(plan.request.users.keep)}))`,
    );
  }
  return conditions.join('');
}

/**
 * Mode recreate: the roles of a matched group are forgotten before the source's are written. Users have lost theirs with
 * their row; members of the group who are no users of production stay.
 * @returns false if the slice ended first
 */
export async function removeGroupRoles(stage: Stage): Promise<boolean> {
  const { context, destination, owners } = stage;
  const workItem = 'unlink:OSSYS_GROUP_ROLE';
  const node = nodeOfKind(context.plan, 'group');
  const owner = node === null ? undefined : owners.get(node.node);
  if (owner === undefined || (await isFinished(destination, context.state, context.run.run, workItem))) return true;
  for (;;) {
    const { last } = await withWriteTransaction(destination, context.state, context.run, true, (transaction) =>
      ledgered(transaction, context.state, workItem, async () => {
        const [row] = await destination.rows(
          [
            'SET NOCOUNT ON;',
            `DELETE TOP (${pageRows}) d FROM dbo.OSSYS_GROUP_ROLE d WHERE EXISTS (SELECT 1 FROM ${context.state.table('key_map')} m`,
            `WHERE m.owner = ${owner} AND m.run = ${transaction.runNumber} AND m.destination_key = d.GROUP_ID);`,
            'SELECT @@ROWCOUNT;',
          ].join('\n'),
        );
        return { rowsWritten: Number(row?.[0]), last: Number(row?.[0]) < pageRows };
      }),
    );
    if (last) return true;
    if (context.deadline() || context.signal.aborted) return false;
  }
}
