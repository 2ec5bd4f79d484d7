import { quoteName } from '../../sqlserver/quoteName.js';
import { asRowKey, isDeferred, notMatched, type EntityBatches } from './entityBatches.js';
import { leavesMatched, type ShapeColumn } from './entityShape.js';
import { stagingTable } from './stagingTable.js';
import { identifierOf, underPolicy, type Problem, type Translation } from './translation.js';

/** Columns of the last result set of the statement, in this order. */
export const outcomeColumns = ['inserted', 'updated', 'mapped', 'orphaned', 'unmapped', 'deferred'] as const;

/** Writes keys, rows and deferred references of a batch, and counts what became of them. */
export function writeStatement(batches: EntityBatches): string {
  const statements = ['SET NOCOUNT ON;', `DECLARE ${outcomeColumns.map((name) => `@${name} bigint = 0`).join(', ')};`];
  statements.push(...fillLinks(batches));
  if (batches.shape.node.origin === 'reserved' && !batches.follows) statements.push(...mapReserved(batches));
  if (batches.mapped && batches.matches) statements.push(...mapMatched(batches));
  if (batches.inserts) statements.push(...insert(batches));
  if (batches.updates) statements.push(...update(batches));
  if (batches.shape.node.origin === 'generated' && !batches.follows) statements.push(...mapGenerated(batches));
  if (batches.mapped && (batches.follows || batches.shape.node.origin === 'preserved'))
    statements.push(...mapOwnKey(batches));
  if (batches.updates) statements.push(...noteWritten(batches));
  statements.push(...count(batches), ...defer(batches));
  statements.push(`SELECT ${outcomeColumns.map((name) => `@${name}`).join(', ')};`);
  return statements.join('\n');
}

/**
 * Deferred references that can be resolved already are, once and for all statements of the batch: what another batch
 * commits meanwhile must not make one statement see an image that another did not.
 */
function fillLinks(batches: EntityBatches): string[] {
  if (batches.deferred.length === 0) return [];
  const names = batches.deferred.map(({ column }) => linkName(column));
  return [
    'TRUNCATE TABLE #link;',
    `INSERT INTO #link (n, ${names.join(', ')}) SELECT s.n, ${batches.deferred.map(({ value }) => value).join(', ')}`,
    `FROM ${stagingTable} s`,
    ...batches.deferred.flatMap(({ joins }) => joins),
    ';',
  ];
}

function mapReserved(batches: EntityBatches): string[] {
  const where = batches.matches ? ` WHERE ${notMatched}` : '';
  return [
    mapFrom(batches, `@base + s.n`, `FROM ${stagingTable} s${where} ORDER BY s.n`),
    'SET @mapped = @mapped + ROWCOUNT_BIG();',
  ];
}

function mapMatched(batches: EntityBatches): string[] {
  return [
    mapFrom(batches, 'k.destination_key', `FROM ${stagingTable} s JOIN #matched k ON k.n = s.n`),
    'SET @mapped = @mapped + ROWCOUNT_BIG();',
  ];
}

/** Identity values follow the ORDER BY of INSERT … SELECT, but OUTPUT has no order of its own: pair by rank. */
function mapGenerated(batches: EntityBatches): string[] {
  const where = batches.matches ? ` WHERE ${notMatched}` : '';
  return [
    mapFrom(
      batches,
      'i.id',
      `FROM (SELECT s.${batches.shape.key.name}, ROW_NUMBER() OVER (ORDER BY s.n) AS place FROM ${stagingTable} s${where}) s ` +
        'JOIN (SELECT id, ROW_NUMBER() OVER (ORDER BY id) AS place FROM #ids) i ON i.place = s.place',
    ),
    'SET @mapped = @mapped + ROWCOUNT_BIG();',
  ];
}

/** Rows whose key is that of the row they extend, or their own. */
function mapOwnKey(batches: EntityBatches): string[] {
  const key = batches.translations[0];
  if (key === undefined) return [];
  const where = batches.matches ? ` WHERE ${notMatched}` : '';
  return [
    mapFrom(batches, key.value, `FROM ${stagingTable} s ${key.joins.join(' ')}${where}`),
    'SET @mapped = @mapped + ROWCOUNT_BIG();',
  ];
}

function mapFrom(batches: EntityBatches, destinationKey: string, from: string): string {
  const source = batches.textKey ? `s.${batches.shape.key.name}` : identifierOf(batches.shape.key, 'integer');
  return (
    `INSERT INTO ${batches.map} (owner, source_key, destination_key, run) ` +
    `SELECT ${batches.owner}, ${source}, ${destinationKey}, ${batches.context.runNumber} ${from};`
  );
}

function insert(batches: EntityBatches): string[] {
  const { origin, destination } = batches.shape.node;
  const generated = origin === 'generated' && !batches.follows;
  const written = batches.translations.filter((_, position) => position > 0 || !generated);
  const explicit = destination?.identity === true && !generated;
  const conditions = [...failing(batches).map((condition) => `CASE WHEN ${condition} THEN 1 ELSE 0 END = 0`)];
  if (batches.matches) conditions.push(notMatched);
  const insert = [
    `INSERT INTO ${batches.table} (${written.map(({ column }) => quoteName(column.planned.destination.column)).join(', ')})`,
    ...(generated ? [`OUTPUT inserted.${batches.keyColumn} INTO #ids (id)`] : []),
    `SELECT ${written.map((translation) => inserted(batches, translation)).join(', ')}`,
    `FROM ${stagingTable} s`,
    ...linkJoin(batches),
    ...written.filter(({ column }) => !isDeferred(column)).flatMap(({ joins }) => joins),
    ...deferredJoinsForFailing(batches),
    ...(conditions.length === 0 ? [] : [`WHERE ${conditions.join(' AND ')}`]),
    'ORDER BY s.n;',
    'SET @inserted = ROWCOUNT_BIG();',
  ].join('\n');
  return [
    ...(generated ? ['TRUNCATE TABLE #ids;'] : []),
    ...(explicit ? [`SET IDENTITY_INSERT ${batches.table} ON;`] : []),
    insert,
    ...(explicit ? [`SET IDENTITY_INSERT ${batches.table} OFF;`] : []),
  ];
}

function inserted(batches: EntityBatches, { column, value }: Translation): string {
  if (isDeferred(column)) return `l.${linkName(column)}`;
  if (column.staged === batches.shape.key && batches.shape.node.origin === 'reserved' && !batches.follows)
    return '@base + s.n';
  return value;
}

function linkJoin(batches: EntityBatches): string[] {
  return batches.deferred.length === 0 ? [] : ['JOIN #link l ON l.n = s.n'];
}

function failing(batches: EntityBatches): string[] {
  return batches
    .problems()
    .map(({ problem }) => underPolicy(problem, 'fail'))
    .filter((condition) => condition !== null);
}

/** The lookup of a deferred column, where an orphan in it is to fail the entity. */
function deferredJoinsForFailing(batches: EntityBatches): string[] {
  return batches.deferred
    .filter(({ problem }) => problem !== null && underPolicy(problem, 'fail') !== null)
    .flatMap(({ joins }) => joins);
}

function update(batches: EntityBatches): string[] {
  const written = batches.translations.slice(1);
  if (written.length === 0) return [];
  const conditions = failing(batches).map((condition) => `CASE WHEN ${condition} THEN 1 ELSE 0 END = 0`);
  return [
    `UPDATE d SET ${written.map((each) => `d.${quoteName(each.column.planned.destination.column)} = ${inserted(batches, each)}`).join(', ')}`,
    `FROM ${batches.table} d JOIN #matched k ON k.destination_key = d.${batches.keyColumn} JOIN ${stagingTable} s ON s.n = k.n`,
    ...linkJoin(batches),
    ...batches.translations.filter(({ column }) => !isDeferred(column)).flatMap(({ joins }) => joins),
    ...deferredJoinsForFailing(batches),
    ...(conditions.length === 0 ? [';'] : [`WHERE ${conditions.join(' AND ')};`]),
    'SET @updated = ROWCOUNT_BIG();',
  ];
}

/** Sought by later batches; the key map could only be scanned for a key of the destination. */
function noteWritten(batches: EntityBatches): string[] {
  const { state, runNumber } = batches.context;
  const row = newKey(batches);
  return [
    `INSERT INTO ${state.table('written_row')} (run, entity, row_key)`,
    `SELECT ${runNumber}, ${batches.shape.index}, ${asRowKey(row.key)} FROM ${stagingTable} s ${row.join};`,
  ];
}

/**
 * References that become NULL are counted, by what they lack: the row in the source, or its image. One pass over the
 * batch counts those of all columns. The conditions stand in a derived table: they may hold subqueries, which no
 * aggregate takes (error 130).
 */
function count(batches: EntityBatches): string[] {
  const found = batches.problems().map(({ translation, problem }) => ({
    translation,
    orphaned: orphanSetNull(problem),
    unmapped: unmappedSetNull(problem),
  }));
  const counted = (['orphaned', 'unmapped'] as const).flatMap((kind) => {
    const conditions = found.flatMap(({ [kind]: condition }) => (condition === null ? [] : [condition]));
    if (conditions.length === 0) return [];
    return [{ kind, rows: conditions.map((condition) => `CASE WHEN ${condition} THEN 1 ELSE 0 END`).join(' + ') }];
  });
  if (counted.length === 0) return [];
  const isTyped = ({ column }: Translation): boolean => column.planned.treatment.kind === 'typedValue';
  const joins = found.flatMap(({ translation, orphaned, unmapped }) =>
    unmapped !== null || (orphaned !== null && isTyped(translation)) ? translation.joins : [],
  );
  return [
    `SELECT ${counted.map(({ kind }) => `@${kind} = COALESCE(SUM(CONVERT(bigint, x.${kind})), 0)`).join(', ')}`,
    `FROM (SELECT ${counted.map(({ kind, rows }) => `${rows} AS ${kind}`).join(', ')} FROM ${stagingTable} s`,
    ...joins,
    ...(leavesMatched(batches.shape) ? [`WHERE ${notMatched}`] : []),
    ') x;',
  ];
}

function defer(batches: EntityBatches): string[] {
  const { state, runNumber } = batches.context;
  return batches.deferred.flatMap(({ column, problem }) => {
    const staged = column.staged;
    if (staged === null || problem === null) return [];
    const row = newKey(batches);
    const textTarget = staged.transport.text || staged.transport.stagingType === 'uniqueidentifier';
    const left = problem.orphan !== null && problem.orphans === 'setNull' ? ` AND NOT (${problem.orphan})` : '';
    return [
      `INSERT INTO ${state.table('deferred_reference')} (run, entity, column_number, row_key, row_key_text, source_key, source_key_text, exists_in_source)`,
      `SELECT ${runNumber}, ${batches.shape.index}, ${numberOf(batches, column)}, ${eitherColumn(batches.textKey, row.key)}, ${eitherColumn(textTarget, `s.${staged.name}`)}, ${staged.presence === null ? '1' : `s.${staged.presence}`}`,
      `FROM ${stagingTable} s JOIN #link l ON l.n = s.n ${row.join}`,
      `WHERE ${problem.isIdentifier} AND l.${linkName(column)} IS NULL${left}${batches.unlessSkipped()};`,
      'SET @deferred = @deferred + ROWCOUNT_BIG();',
    ];
  });
}

function newKey(batches: EntityBatches): { readonly key: string; readonly join: string } {
  if (batches.mapped) {
    if (batches.shape.node.origin === 'reserved' && !batches.matches && !batches.follows)
      return { key: '@base + s.n', join: '' };
    const source = batches.textKey ? `s.${batches.shape.key.name}` : identifierOf(batches.shape.key, 'integer');
    return {
      key: 'o.destination_key',
      join: `JOIN ${batches.map} o ON o.owner = ${batches.owner} AND o.source_key = ${source} AND o.run = ${batches.context.runNumber}`,
    };
  }
  return { key: `s.${batches.shape.key.name}`, join: '' };
}

function numberOf(batches: EntityBatches, column: ShapeColumn): number {
  return batches.shape.entity.columns.indexOf(column.planned);
}

/** A key in the numeric or the text column of a pair; the other is NULL by name, since its default may be another value. */
function eitherColumn(text: boolean, key: string): string {
  return text ? `NULL, ${key}` : `${key}, NULL`;
}

/** The column of #link for a deferred reference. */
export function linkName(column: ShapeColumn): string {
  return `l${column.staged?.name ?? ''}`;
}

function orphanSetNull(problem: Problem): string | null {
  if (problem.orphan === null || problem.orphans !== 'setNull') return null;
  return `${problem.isIdentifier} AND ${problem.orphan}`;
}

function unmappedSetNull(problem: Problem): string | null {
  if (problem.deferred || problem.unmapped !== 'setNull') return null;
  return problem.orphan === null ? problem.missing : `${problem.missing} AND NOT (${problem.orphan})`;
}
