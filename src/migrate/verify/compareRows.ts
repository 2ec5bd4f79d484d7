import type { StageFailure } from '../../contract.js';
import type { ColumnType } from '../../plan/refreshPlan.js';
import { quoteName, quoteTable } from '../../sqlserver/quoteName.js';
import type { DestinationSession, SourceSession } from '../../sqlserver/session.js';
import { batchStatements } from '../migrateEntities/batchStatements.js';
import { isMapped, leavesMatched, shapeOf, type EntityShape } from '../migrateEntities/entityShape.js';
import type { LookupContext } from '../migrateEntities/lookup.js';
import { hasDigest } from '../migrateEntities/pageDigest.js';
import { bytesOf, readAgain, rowCountOf } from '../migrateEntities/readPage.js';
import { createStagingSql, emptyStaging, loadPage, stagingTable } from '../migrateEntities/stagingTable.js';
import type { TemporaryTables } from '../migrateEntities/temporaryTables.js';
import { identifierOf, translate, type Translation } from '../migrateEntities/translation.js';
import { leaveBehind } from '../migrateEntities/writeBatch.js';
import { typeDeclaration } from '../../sqlserver/columnText.js';
import type { RowPath } from '../transport.js';
import type { LedgerEntry } from '../state/ledger.js';
import { sameValue } from './sameValue.js';

/** Keys shown of rows that differ. */
const shownKeys = 3;

export interface PageComparison {
  readonly problems: readonly StageFailure[];
  /** Rows that differ and stand in a page that has changed in the source since it was read. */
  readonly changedInSource: number;
  /** What was read of the source. */
  readonly rowCount: number;
  readonly bytes: number;
}

const nothingRead: PageComparison = { problems: [], changedInSource: 0, rowCount: 0, bytes: 0 };

/**
 * Compares the destination's rows of one entity with the source's, page by page as they were read: the source's row is
 * translated forward through the key map, and every value must be that of the destination's row. Where one is not, the
 * columns are halved until the one that differs is found. Production goes on meanwhile: a page whose digest is no longer
 * that of the batch has changed in the source, so rows of it that differ are counted, not held against the refresh.
 */
export class RowComparison {
  readonly #compared: readonly Translation[];
  readonly #join: string;
  readonly #filter: string | null;

  private constructor(
    readonly context: LookupContext,
    readonly shape: EntityShape,
    readonly tables: TemporaryTables,
    skipped: ReadonlySet<number>,
  ) {
    this.#compared = comparedColumns(context, shape, skipped);
    this.#join = destinationJoin(context, shape);
    this.#filter = batchStatements(context, shape).filter;
  }

  /**
   * @param path how rows travel between the two environments
   * @param skipped nodes whose entities the operator gave up: references to them are not what they were
   */
  static async open(
    tables: TemporaryTables,
    context: LookupContext,
    index: number,
    skipped: ReadonlySet<number>,
    path: RowPath,
  ): Promise<RowComparison> {
    const shape = shapeOf(context.plan, index, new Map(), path);
    await tables.prepare([createStagingSql(context.plan, shape)]);
    return new RowComparison(context, shape, tables, skipped);
  }

  /**
   * Compares the rows of one batch.
   * @param after end key of the batch before in the same key range, or where the range begins
   */
  async batch(source: SourceSession, entry: LedgerEntry, after: string | null): Promise<PageComparison> {
    if (entry.endKey === null || entry.rowsRead === 0) return nothingRead;
    const range = { after, upTo: entry.endKey };
    const content = await readAgain(source, this.context.plan, this.shape, range, entry.rowsRead);
    const unchanged = hasDigest(content, entry.digest);
    const read = { rowCount: rowCountOf(content), bytes: bytesOf(content) };
    if (read.rowCount === 0) return nothingRead;
    await this.tables.makeRoom();
    await loadPage(this.session, this.shape, content);
    if (content.path === 'relay') content.rows.release();
    const filtered = await leaveBehind(this.session, this.#filter);
    const leftBehind = entry.rowsQuarantined + Math.max(0, entry.rowsFiltered - filtered);
    const { missing, differing } = await this.#lookAtAll();
    const lost = Math.max(0, missing - leftBehind);
    if (!unchanged) return { ...read, problems: [], changedInSource: lost + differing };
    const problems = differing > 0 ? await this.#name(this.#compared) : [];
    if (lost > 0) problems.push(this.#problem('rowsMissing', `${lost} rows are not in the destination`));
    return { ...read, problems, changedInSource: 0 };
  }

  get session(): DestinationSession {
    return this.tables.session;
  }

  /** Halves the columns until those are found in which rows differ. */
  async #name(columns: readonly Translation[]): Promise<StageFailure[]> {
    const rows = await this.#differing(columns);
    if (rows === 0) return [];
    const [only] = columns;
    if (columns.length === 1 && only !== undefined) {
      const attribute = only.column.planned.attribute;
      const keys = await this.#keys(only);
      return [this.#problem('rowsDiffer', `${rows} rows differ from the source in ${attribute} (keys ${keys})`)];
    }
    const half = Math.ceil(columns.length / 2);
    return [...(await this.#name(columns.slice(0, half))), ...(await this.#name(columns.slice(half)))];
  }

  /** Rows without image, and rows of which any column differs. Where none does, the staged rows are done with. */
  async #lookAtAll(): Promise<{ readonly missing: number; readonly differing: number }> {
    const columns = this.#compared;
    const differs = columns.length === 0 ? '1 = 0' : `${this.#key} IS NOT NULL AND ${differsIn(columns)}`;
    // A subquery, which a translation may hold, cannot stand inside an aggregate.
    const [row] = await this.session.rows(
      [
        'DECLARE @missing bigint, @differing bigint;',
        'SELECT @missing = COALESCE(SUM(k.missing), 0), @differing = COALESCE(SUM(k.differing), 0) FROM ' +
          `(SELECT CASE WHEN ${this.#key} IS NULL THEN 1 ELSE 0 END AS missing, CASE WHEN ${differs} THEN 1 ELSE 0 END AS differing ` +
          `FROM ${this.#rows(columns)}) k;`,
        `IF @differing = 0 ${emptyStaging}`,
        'SELECT @missing, @differing;',
      ].join('\n'),
    );
    const differing = Number(row?.[1]);
    if (differing === 0) this.tables.emptied();
    return { missing: Number(row?.[0]), differing };
  }

  async #differing(columns: readonly Translation[]): Promise<number> {
    return columns.length === 0 ? 0 : this.#count(`${this.#key} IS NOT NULL AND ${differsIn(columns)}`, columns);
  }

  async #count(condition: string, columns: readonly Translation[]): Promise<number> {
    const [row] = await this.session.rows(`SELECT COUNT(*) FROM ${this.#rows(columns)} WHERE ${condition};`);
    return Number(row?.[0]);
  }

  async #keys(column: Translation): Promise<string> {
    if (this.shape.node.keyKind === 'text') return 'not shown, as they are texts';
    const rows = await this.session.rows(
      `SELECT TOP (${shownKeys}) CONVERT(nvarchar(20), ${this.#key}) FROM ${this.#rows([column])} WHERE ${this.#key} IS NOT NULL AND ${differsIn([column])} ORDER BY ${this.#key};`,
    );
    return rows.map(([key]) => String(key)).join(', ');
  }

  #rows(columns: readonly Translation[]): string {
    return `${stagingTable} s ${this.#join} ${joinsOf(columns)}`;
  }

  get #key(): string {
    return `d.${quoteName(this.shape.key.planned.destination.column)}`;
  }

  #problem(code: string, message: string): StageFailure {
    return {
      code,
      message: `${this.shape.name}: ${message}`,
      sqlNumber: null,
      subject: this.shape.name,
      remedy: 'Find out who else writes to the destination; then retry verify, or abort and start a new refresh.',
    };
  }
}

/** Rows that were only matched keep their own values, and the next run of an activity may depend on the time of load. */
function comparedColumns(context: LookupContext, shape: EntityShape, skipped: ReadonlySet<number>): Translation[] {
  if (leavesMatched(shape)) return [];
  return shape.columns
    .slice(1)
    .filter(({ planned: { treatment } }) => {
      if (treatment.kind === 'reference') return !skipped.has(treatment.node);
      if (treatment.kind === 'typedValue') return skipped.size === 0;
      return treatment.kind !== 'nextRun' || treatment.policy !== 'shift';
    })
    .map((column) => translate(context, shape, column));
}

/** Each staged row with the destination's row that is its image, or none. */
function destinationJoin(context: LookupContext, shape: EntityShape): string {
  const { column, type } = shape.key.planned.destination;
  const table = quoteTable(shape.entity.destinationTable);
  const text = shape.node.keyKind === 'text';
  const collation = text && type.collation !== null && /^\w+$/.test(type.collation) ? ` COLLATE ${type.collation}` : '';
  const staged = text ? `s.${shape.key.name}` : identifierOf(shape.key, 'integer');
  if (!isMapped(context.plan, shape.node))
    return `LEFT JOIN ${table} d ON d.${quoteName(column)} = ${staged}${collation}`;
  const map = context.state.table(text ? 'key_map_text' : 'key_map');
  const owner = context.owners.get(shape.node.node) ?? 0;
  return (
    `LEFT JOIN ${map} o ON o.owner = ${owner} AND o.source_key = ${staged} AND o.run = ${context.runNumber} ` +
    `LEFT JOIN ${table} d ON d.${quoteName(column)} = o.destination_key${collation}`
  );
}

/** What the staged row is to become has a name for each column, as it is compared in more than one way. */
function joinsOf(columns: readonly Translation[]): string {
  if (columns.length === 0) return '';
  const values = columns.map(
    ({ column, value }, index) => `${inType(value, column.planned.destination.type)} AS v${index}`,
  );
  return [...columns.flatMap(({ joins }) => joins), `CROSS APPLY (SELECT ${values.join(', ')}) e`].join(' ');
}

/** Any of the values is not what it should be; a comparison with NULL alone is neither true nor false. */
function differsIn(columns: readonly Translation[]): string {
  const same = columns.map(({ column: { planned } }, index) =>
    sameValue(`e.v${index}`, `d.${quoteName(planned.destination.column)}`, planned.destination.type),
  );
  return `CASE WHEN ${same.join(' AND ')} THEN 0 ELSE 1 END = 1`;
}

/** The value as the destination's column holds it. */
function inType(value: string, type: ColumnType): string {
  if (['image', 'text', 'ntext', 'xml'].includes(type.name)) return value;
  const collation =
    /char/.test(type.name) && type.collation !== null && /^\w+$/.test(type.collation)
      ? ` COLLATE ${type.collation}`
      : '';
  return `CONVERT(${typeDeclaration(type)}, (${value})${collation})`;
}
