import { quoteName, quoteTable, textList } from '../../sqlserver/quoteName.js';
import type { BatchStatements } from '../migrateEntities/batchStatements.js';
import type { EntityShape } from '../migrateEntities/entityShape.js';
import type { LookupContext } from '../migrateEntities/lookup.js';
import { stagingTable } from '../migrateEntities/stagingTable.js';
import { identifierOf, translate } from '../migrateEntities/translation.js';
import {
  createRecreated,
  deleteRecreatedSql,
  followRolesSql,
  obstaclesSql,
  pickRecreatedSql,
} from './recreateUsers.js';
import { unlessShared, userPairs } from './userPairs.js';

/** Columns that say who the user is or what happened in this environment: never overwritten on a matched user. */
const ownColumns: ReadonlySet<string> = new Set([
  'PASSWORD',
  'USERNAME',
  'TENANT_ID',
  'CREATION_DATE',
  'LAST_LOGIN',
  'LAST_FAIL',
  'ACTIVATION',
]);

/**
 * The batch statements of users and groups: only chosen users are taken; what `users.map` says goes first; one of several
 * rows of the destination with the same match values is picked, the active one with the latest login first (facts 8); in
 * mode update matched users take the source's values, in mode recreate they are deleted and created from them.
 */
export function userStatements(
  built: BatchStatements,
  shape: EntityShape,
  context: LookupContext,
  users: boolean,
): BatchStatements {
  const { mode } = context.plan.request.users;
  const matched = matchSql(shape, context, users);
  const adapted = {
    ...built,
    filter: users ? chosenOnly(shape, context) : null,
    match: `${matched}${countMatched}`,
  };
  if (!users || mode === 'createMissing' || mode === 'matchOnly') return adapted;
  if (mode === 'update') return { ...adapted, write: `${updateSql(shape, context)}${built.write}` };
  const owner = context.owners.get(shape.node.node);
  if (owner === undefined) throw new RangeError('users have no owner in the key map');
  return {
    ...adapted,
    create: [...built.create, ...createRecreated],
    match: `${matched}\n${pickRecreatedSql(context, owner, bestOfPage(shape))}${countMatched}`,
    obstacles: obstaclesSql(context),
    write: `${deleteRecreatedSql}${built.write}\n${followRolesSql(context, owner, identifierOf(shape.key, 'integer'))}`,
  };
}

function chosenOnly(shape: EntityShape, context: LookupContext): string {
  return [
    'SET NOCOUNT ON;',
    `DELETE s FROM ${stagingTable} s WHERE NOT EXISTS (SELECT 1 FROM ${context.state.table('chosen_key')} c`,
    `WHERE c.run = ${context.runNumber} AND c.node = ${shape.node.node} AND c.source_key = s.${shape.key.name});`,
    'SELECT @@ROWCOUNT;',
  ].join('\n');
}

function matchSql(shape: EntityShape, context: LookupContext, users: boolean): string {
  const wanted = new Set(shape.entity.match.map((name) => name.toUpperCase()));
  const used = shape.columns
    .filter((column) => wanted.has(column.planned.destination.column.toUpperCase()))
    .map((column) => translate(context, shape, column));
  const conditions = used.flatMap(({ column, value }) => {
    const { column: name, type } = column.planned.destination;
    const own = `d.${quoteName(name)}`;
    if (type.collation === null) return [`${own} = ${value}`];
    // What is empty is nobody's, as surveyUsers() forecasts.
    return [`${own} = ${value}${/^\w+$/.test(type.collation) ? ` COLLATE ${type.collation}` : ''}`, `${own} <> N''`];
  });
  const key = `d.${quoteName(shape.key.planned.destination.column)}`;
  const has = (name: string): boolean =>
    shape.columns.some((column) => column.planned.destination.column.toUpperCase() === name);
  const order = [
    ...(users && has('IS_ACTIVE') ? ['d.IS_ACTIVE DESC'] : []),
    ...(users && has('LAST_LOGIN') ? ['d.LAST_LOGIN DESC'] : []),
    key,
  ];
  const source = identifierOf(shape.key, 'integer');
  return [
    'SET NOCOUNT ON;',
    'TRUNCATE TABLE #matched;',
    ...(users
      ? [
          `INSERT INTO #matched (n, destination_key, hits) SELECT s.n, ${key}, 1 FROM ${stagingTable} s`,
          `JOIN ${userPairs} x ON x.source_key = ${source} JOIN ${quoteTable(shape.entity.destinationTable)} d ON ${key} = x.destination_key;`,
        ]
      : []),
    'INSERT INTO #matched (n, destination_key, hits) SELECT p.n, p.destination_key, 1 FROM (',
    `  SELECT s.n, ${key} AS destination_key, ROW_NUMBER() OVER (PARTITION BY s.n ORDER BY ${order.join(', ')}) AS place`,
    `  FROM ${stagingTable} s`,
    ...used.flatMap(({ joins }) => joins),
    `  JOIN ${quoteTable(shape.entity.destinationTable)} d ON ${conditions.join(' AND ')}`,
    `) p WHERE p.place = 1${users ? ' AND NOT EXISTS (SELECT 1 FROM #matched k WHERE k.n = p.n)' : ''};`,
  ].join('\n');
}

/** The last statement of a match: rows found, and rows not told apart. */
const countMatched = '\nSELECT COUNT(*), 0 FROM #matched;';

/**
 * Users named in `users.keep` stay as they are, and so do the fallback user and those for whom several lines of `users.map`
 * stand. Several users of the source may stand for one of the destination: an inactive duplicate of a login never overwrites
 * what the active user gave, whichever of the two comes first.
 */
function updateSql(shape: EntityShape, context: LookupContext): string {
  const written = shape.columns
    .filter(
      ({ planned }) => planned.treatment.kind === 'copy' && !ownColumns.has(planned.destination.column.toUpperCase()),
    )
    .map((column) => `d.${quoteName(column.planned.destination.column)} = ${translate(context, shape, column).value}`);
  if (written.length === 0) return '';
  const { keep } = context.plan.request.users;
  const conditions = ['k.place = 1', unlessShared('k.destination_key')];
  if (keep.length > 0) conditions.push(`d.USERNAME NOT IN (${textList(keep)})`);
  const fallback = context.plan.users?.fallbackId ?? null;
  if (fallback !== null) conditions.push(`k.destination_key <> ${fallback}`);
  const active = stagedName(shape, 'IS_ACTIVE');
  const owner = context.owners.get(shape.node.node);
  if (active !== null && owner !== undefined) {
    conditions.push(
      `(s.${active} = 1 OR NOT EXISTS (SELECT 1 FROM ${context.state.table('key_map')} m ` +
        `WHERE m.owner = ${owner} AND m.run = ${context.runNumber} AND m.destination_key = k.destination_key))`,
    );
  }
  return (
    `UPDATE d SET ${written.join(', ')} FROM ${quoteTable(shape.entity.destinationTable)} d ` +
    `JOIN (${bestOfPage(shape)}) k ON k.destination_key = d.${quoteName(shape.key.planned.destination.column)} ` +
    `JOIN ${stagingTable} s ON s.n = k.n WHERE ${conditions.join(' AND ')};\n`
  );
}

/** The matches of the page, numbered for each user of the destination: the active one with the latest login first. */
function bestOfPage(shape: EntityShape): string {
  const order = ['IS_ACTIVE', 'LAST_LOGIN'].flatMap((name) => {
    const staged = stagedName(shape, name);
    return staged === null ? [] : [`o.${staged} DESC`];
  });
  return (
    `SELECT h.n, h.destination_key, ROW_NUMBER() OVER (PARTITION BY h.destination_key ORDER BY ${[...order, 'h.n'].join(', ')}) AS place ` +
    `FROM #matched h JOIN ${stagingTable} o ON o.n = h.n`
  );
}

/** The staging column of a platform column; null where the two sides do not both have it. */
function stagedName(shape: EntityShape, name: string): string | null {
  return shape.staged.find((column) => column.source.column.toUpperCase() === name)?.name ?? null;
}
