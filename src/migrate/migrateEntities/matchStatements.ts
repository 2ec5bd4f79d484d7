import { quoteName } from '../../sqlserver/quoteName.js';
import { asRowKey, type EntityBatches } from './entityBatches.js';
import { stagedColumnNamed } from './entityShape.js';
import { lookup } from './lookup.js';
import { stagingTable } from './stagingTable.js';
import { identifierOf, type Translation } from './translation.js';

/** Processes move by tree, and whatever belongs to a process moves with it. */
export function filterStatement(batches: EntityBatches): string | null {
  const { plan, state, runNumber } = batches.context;
  const path = batches.shape.entity.processPath;
  if (path === null) return null;
  if (path === 'own') {
    const top = batches.shape.staged.find((column) => column.source.column.toUpperCase() === 'TOP_PROCESS_ID');
    const own = identifierOf(batches.shape.key, 'integer');
    const id = top === undefined ? own : `COALESCE(NULLIF(${identifierOf(top, 'integer')}, 0), ${own})`;
    return counted(
      `DELETE s FROM ${stagingTable} s WHERE NOT EXISTS (SELECT 1 FROM ${state.table('chosen_key')} t WHERE t.run = ${runNumber} AND t.node = ${batches.shape.node.node} AND t.source_key = ${id});`,
    );
  }
  const parent = stagedColumnNamed(batches.shape, path);
  const treatment = parent.planned.treatment;
  if (treatment.kind !== 'reference') return null;
  const found = lookup({ ...batches.context, plan }, treatment.node, 'parent', identifierOf(parent, 'integer'));
  return counted(`DELETE s FROM ${stagingTable} s ${found.join} WHERE NOT (${found.found});`);
}

function counted(statement: string): string {
  return `SET NOCOUNT ON;\n${statement}\nSELECT @@ROWCOUNT;`;
}

/** Rows that are equal in all that the request matches by, as the destination compares it; null where nothing is matched. */
export function matchStatement(batches: EntityBatches): string | null {
  if (!batches.matches) return null;
  const wanted = new Set(batches.shape.entity.match.map((name) => name.toLowerCase()));
  const used = batches.translations.filter(({ column }) => wanted.has(column.planned.destination.column.toLowerCase()));
  const conditions = used.map((translation) => equals(translation));
  return [
    'SET NOCOUNT ON;',
    'TRUNCATE TABLE #matched;',
    `INSERT INTO #matched (n, destination_key, hits) SELECT s.n, MIN(d.${batches.keyColumn}), COUNT(*)`,
    `FROM ${stagingTable} s`,
    ...used.flatMap(({ joins }) => joins),
    `JOIN ${batches.table} d ON ${conditions.join(' AND ')}`,
    'GROUP BY s.n;',
    `SELECT COUNT(*), COALESCE(SUM(CASE WHEN k.hits > 1${isWrittenTwice(batches)} THEN 1 ELSE 0 END), 0)`,
    'FROM (SELECT destination_key, hits, COUNT(*) OVER (PARTITION BY destination_key) AS sharing FROM #matched) k',
    `${writtenBefore(batches)};`,
  ].join('\n');
}

/** Two rows may stand for one of the destination, but cannot both be written to it. */
function isWrittenTwice(batches: EntityBatches): string {
  return batches.updates ? ' OR k.sharing > 1 OR w.row_key IS NOT NULL' : '';
}

/** Rows of the destination that an earlier batch of the run has written: this batch's own are not noted yet. */
function writtenBefore(batches: EntityBatches): string {
  if (!batches.updates) return '';
  const { state, runNumber } = batches.context;
  return (
    `LEFT JOIN ${state.table('written_row')} w ON w.run = ${runNumber} AND w.entity = ${batches.shape.index} ` +
    `AND w.row_key = ${asRowKey('k.destination_key')}`
  );
}

function equals({ column, value }: Translation): string {
  const { column: name, type } = column.planned.destination;
  const collation = type.collation === null || !/^\w+$/.test(type.collation) ? '' : ` COLLATE ${type.collation}`;
  return `d.${quoteName(name)} = ${value}${collation}`;
}
