import { quoteName, quoteTable, quoteText } from '../../sqlserver/quoteName.js';
import type { EntityShape, ShapeColumn, StagedColumn } from './entityShape.js';
import { isMapped, stagedColumnNamed } from './entityShape.js';
import { lookup, type LookupContext } from './lookup.js';
import { stagingTable } from './stagingTable.js';
import { identifierOf, reasonOf, translate, underPolicy, type Problem, type Translation } from './translation.js';

/**
 * The statements of an entity's batches. Their texts are the same for every batch (what differs are the parameters
 * @base, @batch and @workItem), so SQL Server compiles each once. All of them read the staging table `s`.
 */
export interface BatchStatements {
  /** Further temporary tables, created once a session. */
  readonly create: readonly string[];
  /** Takes rows out of the staging table that the plan leaves behind; answers their number. */
  readonly filter: string | null;
  /** Finds the destination rows that stand for staged rows already; answers rows found, and rows not told apart. */
  readonly match: string | null;
  /** What stands in the way of the rows that `match` found, by name with the number of rows each; none may. */
  readonly obstacles: string | null;
  /** Sets rows aside whose policy says so; answers their number, and how many of them were matched. */
  readonly quarantine: string | null;
  /** Writes keys, rows and deferred references; answers the counts of BatchOutcome. */
  readonly write: string;
  /** One row a failing attribute: attribute, rows without image, and how many of these are orphans. */
  readonly explain: string | null;
}

/** Columns of the last result set of `write`, in this order. */
export const outcomeColumns = ['inserted', 'updated', 'mapped', 'orphaned', 'unmapped', 'deferred'] as const;

export function batchStatements(context: LookupContext, shape: EntityShape): BatchStatements {
  return new StatementBuilder(context, shape).build();
}

class StatementBuilder {
  readonly #translations: readonly Translation[];
  readonly #deferred: readonly Translation[];
  readonly #matches: boolean;
  readonly #mapped: boolean;
  readonly #inserts: boolean;
  readonly #table: string;

  constructor(
    readonly context: LookupContext,
    readonly shape: EntityShape,
  ) {
    const { entity, node } = shape;
    this.#translations = shape.columns.map((column) => translate(context, shape, column));
    this.#deferred = this.#translations.filter(({ column }) => isDeferred(column));
    this.#matches = entity.match.length > 0 && entity.onMatch !== 'insert';
    this.#mapped = isMapped(context.plan, node);
    this.#inserts = node.origin !== 'matched';
    this.#table = quoteTable(entity.destinationTable);
  }

  build(): BatchStatements {
    return {
      create: this.#create(),
      filter: this.#filter(),
      match: this.#match(),
      obstacles: null,
      quarantine: this.#quarantine(),
      write: this.#write(),
      explain: this.#explain(),
    };
  }

  get #textKey(): boolean {
    return this.shape.node.keyKind === 'text';
  }

  /** Matched rows take the values of those that they match. */
  get #updates(): boolean {
    return this.#matches && this.shape.entity.onMatch === 'update';
  }

  get #keyColumn(): string {
    return quoteName(this.shape.key.planned.destination.column);
  }

  get #keyType(): string {
    return this.#textKey ? 'nvarchar(446) COLLATE DATABASE_DEFAULT' : 'bigint';
  }

  get #owner(): number {
    const owner = this.context.owners.get(this.shape.node.node);
    if (owner === undefined) throw new RangeError(`node ${this.shape.node.node} has no owner in the key map`);
    return owner;
  }

  get #map(): string {
    return this.context.state.table(this.#textKey ? 'key_map_text' : 'key_map');
  }

  #create(): string[] {
    const tables: string[] = [];
    if (this.#matches)
      tables.push(
        `CREATE TABLE #matched (n int NOT NULL PRIMARY KEY, destination_key ${this.#keyType} NULL, hits int NOT NULL);`,
      );
    if (this.shape.node.origin === 'generated') tables.push(`CREATE TABLE #ids (id bigint NOT NULL PRIMARY KEY);`);
    if (this.#deferred.length > 0) {
      const links = this.#deferred.map(({ column }) => `${linkName(column)} ${linkType(column)} NULL`);
      tables.push(`CREATE TABLE #link (n int NOT NULL PRIMARY KEY, ${links.join(', ')});`);
    }
    return tables;
  }

  /** Processes move by tree, and whatever belongs to a process moves with it. */
  #filter(): string | null {
    const { plan, state, runNumber } = this.context;
    const path = this.shape.entity.processPath;
    if (path === null) return null;
    if (path === 'own') {
      const top = this.shape.staged.find((column) => column.source.column.toUpperCase() === 'TOP_PROCESS_ID');
      const own = identifierOf(this.shape.key, 'integer');
      const id = top === undefined ? own : `COALESCE(NULLIF(${identifierOf(top, 'integer')}, 0), ${own})`;
      return this.#counted(
        `DELETE s FROM ${stagingTable} s WHERE NOT EXISTS (SELECT 1 FROM ${state.table('chosen_key')} t WHERE t.run = ${runNumber} AND t.node = ${this.shape.node.node} AND t.source_key = ${id});`,
      );
    }
    const parent = stagedColumnNamed(this.shape, path);
    const treatment = parent.planned.treatment;
    if (treatment.kind !== 'reference') return null;
    const found = lookup({ ...this.context, plan }, treatment.node, 'parent', identifierOf(parent, 'integer'));
    return this.#counted(`DELETE s FROM ${stagingTable} s ${found.join} WHERE NOT (${found.found});`);
  }

  #counted(statement: string): string {
    return `SET NOCOUNT ON;\n${statement}\nSELECT @@ROWCOUNT;`;
  }

  #match(): string | null {
    if (!this.#matches) return null;
    const wanted = new Set(this.shape.entity.match.map((name) => name.toLowerCase()));
    const used = this.#translations.filter(({ column }) => wanted.has(column.planned.destination.column.toLowerCase()));
    const conditions = used.map((translation) => this.#equals(translation));
    return [
      'SET NOCOUNT ON;',
      'TRUNCATE TABLE #matched;',
      `INSERT INTO #matched (n, destination_key, hits) SELECT s.n, MIN(d.${this.#keyColumn}), COUNT(*)`,
      `FROM ${stagingTable} s`,
      ...used.flatMap(({ joins }) => joins),
      `JOIN ${this.#table} d ON ${conditions.join(' AND ')}`,
      'GROUP BY s.n;',
      `SELECT COUNT(*), COALESCE(SUM(CASE WHEN k.hits > 1${this.#isWrittenTwice()} THEN 1 ELSE 0 END), 0)`,
      'FROM (SELECT destination_key, hits, COUNT(*) OVER (PARTITION BY destination_key) AS sharing FROM #matched) k',
      `${this.#writtenBefore()};`,
    ].join('\n');
  }

  /** Two rows may stand for one of the destination, but cannot both be written to it. */
  #isWrittenTwice(): string {
    return this.#updates ? ' OR k.sharing > 1 OR w.row_key IS NOT NULL' : '';
  }

  /** Rows of the destination that an earlier batch of the run has written: this batch's own are not noted yet. */
  #writtenBefore(): string {
    if (!this.#updates) return '';
    const { state, runNumber } = this.context;
    return (
      `LEFT JOIN ${state.table('written_row')} w ON w.run = ${runNumber} AND w.entity = ${this.shape.index} ` +
      `AND w.row_key = ${asRowKey('k.destination_key')}`
    );
  }

  /** Sought by later batches; the key map could only be scanned for a key of the destination. */
  #noteWritten(): string[] {
    const { state, runNumber } = this.context;
    const row = this.#newKey();
    return [
      `INSERT INTO ${state.table('written_row')} (run, entity, row_key)`,
      `SELECT ${runNumber}, ${this.shape.index}, ${asRowKey(row.key)} FROM ${stagingTable} s ${row.join};`,
    ];
  }

  #equals({ column, value }: Translation): string {
    const { column: name, type } = column.planned.destination;
    const collation = type.collation === null || !/^\w+$/.test(type.collation) ? '' : ` COLLATE ${type.collation}`;
    return `d.${quoteName(name)} = ${value}${collation}`;
  }

  #quarantine(): string | null {
    const { state, runNumber } = this.context;
    const statements: string[] = [];
    for (const translation of this.#translations) {
      const condition = translation.problem === null ? null : underPolicy(translation.problem, 'quarantine');
      if (translation.problem === null || condition === null) continue;
      statements.push(
        `INSERT INTO ${state.table('quarantine')} (run, entity, work_item, batch, source_key, attribute, reason)`,
        `SELECT ${runNumber}, ${this.shape.index}, @workItem, @batch, CONVERT(nvarchar(450), s.${this.shape.key.name}), ` +
          `${quoteText(translation.problem.attribute)}, ${reasonOf(translation.problem)}`,
        `FROM ${stagingTable} s`,
        ...translation.joins,
        `WHERE ${condition}${this.#unlessSkipped()};`,
      );
    }
    if (statements.length === 0) return null;
    const key = `CONVERT(nvarchar(450), s.${this.shape.key.name})`;
    return [
      'SET NOCOUNT ON;',
      ...statements,
      `DELETE s FROM ${stagingTable} s WHERE EXISTS (SELECT 1 FROM ${state.table('quarantine')} q WHERE q.run = ${runNumber} AND q.entity = ${this.shape.index} ` +
        `AND q.work_item = @workItem AND q.batch = @batch AND q.source_key = ${key} COLLATE DATABASE_DEFAULT);`,
      'DECLARE @quarantined int = @@ROWCOUNT, @matched int = 0;',
      ...(this.#matches
        ? [
            `DELETE k FROM #matched k WHERE NOT EXISTS (SELECT 1 FROM ${stagingTable} s WHERE s.n = k.n);`,
            'SET @matched = @@ROWCOUNT;',
          ]
        : []),
      'SELECT @quarantined, @matched;',
    ].join('\n');
  }

  /** Rows that are only mapped to a row of the destination bring no references with them. */
  #unlessSkipped(): string {
    return this.#matches && this.shape.entity.onMatch === 'skip' ? ` AND ${notMatched}` : '';
  }

  #write(): string {
    const statements = [
      'SET NOCOUNT ON;',
      `DECLARE ${outcomeColumns.map((name) => `@${name} bigint = 0`).join(', ')};`,
    ];
    statements.push(...this.#fillLinks());
    if (this.shape.node.origin === 'reserved' && !this.#follows) statements.push(...this.#mapReserved());
    if (this.#mapped && this.#matches) statements.push(...this.#mapMatched());
    if (this.#inserts) statements.push(...this.#insert());
    if (this.#updates) statements.push(...this.#update());
    if (this.shape.node.origin === 'generated' && !this.#follows) statements.push(...this.#mapGenerated());
    if (this.#mapped && (this.#follows || this.shape.node.origin === 'preserved'))
      statements.push(...this.#mapOwnKey());
    if (this.#updates) statements.push(...this.#noteWritten());
    statements.push(...this.#count('orphaned'), ...this.#count('unmapped'), ...this.#defer());
    statements.push(`SELECT ${outcomeColumns.map((name) => `@${name}`).join(', ')};`);
    return statements.join('\n');
  }

  get #follows(): boolean {
    const treatment = this.shape.key.planned.treatment;
    return treatment.kind === 'key' && treatment.follows !== undefined;
  }

  /**
   * Deferred references that can be resolved already are, once and for all statements of the batch: what another batch
   * commits meanwhile must not make one statement see an image that another did not.
   */
  #fillLinks(): string[] {
    if (this.#deferred.length === 0) return [];
    const names = this.#deferred.map(({ column }) => linkName(column));
    return [
      'TRUNCATE TABLE #link;',
      `INSERT INTO #link (n, ${names.join(', ')}) SELECT s.n, ${this.#deferred.map(({ value }) => value).join(', ')}`,
      `FROM ${stagingTable} s`,
      ...this.#deferred.flatMap(({ joins }) => joins),
      ';',
    ];
  }

  #mapReserved(): string[] {
    const where = this.#matches ? ` WHERE ${notMatched}` : '';
    return [
      this.#mapFrom(`@base + s.n`, `FROM ${stagingTable} s${where} ORDER BY s.n`),
      'SET @mapped = @mapped + ROWCOUNT_BIG();',
    ];
  }

  #mapMatched(): string[] {
    return [
      this.#mapFrom('k.destination_key', `FROM ${stagingTable} s JOIN #matched k ON k.n = s.n`),
      'SET @mapped = @mapped + ROWCOUNT_BIG();',
    ];
  }

  /** Identity values follow the ORDER BY of INSERT … SELECT, but OUTPUT has no order of its own: pair by rank. */
  #mapGenerated(): string[] {
    const where = this.#matches ? ` WHERE ${notMatched}` : '';
    return [
      this.#mapFrom(
        'i.id',
        `FROM (SELECT s.${this.shape.key.name}, ROW_NUMBER() OVER (ORDER BY s.n) AS place FROM ${stagingTable} s${where}) s ` +
          'JOIN (SELECT id, ROW_NUMBER() OVER (ORDER BY id) AS place FROM #ids) i ON i.place = s.place',
      ),
      'SET @mapped = @mapped + ROWCOUNT_BIG();',
    ];
  }

  /** Rows whose key is that of the row they extend, or their own. */
  #mapOwnKey(): string[] {
    const key = this.#translations[0];
    if (key === undefined) return [];
    const where = this.#matches ? ` WHERE ${notMatched}` : '';
    return [
      this.#mapFrom(key.value, `FROM ${stagingTable} s ${key.joins.join(' ')}${where}`),
      'SET @mapped = @mapped + ROWCOUNT_BIG();',
    ];
  }

  #mapFrom(destinationKey: string, from: string): string {
    const source = this.#textKey ? `s.${this.shape.key.name}` : identifierOf(this.shape.key, 'integer');
    return (
      `INSERT INTO ${this.#map} (owner, source_key, destination_key, run) ` +
      `SELECT ${this.#owner}, ${source}, ${destinationKey}, ${this.context.runNumber} ${from};`
    );
  }

  #insert(): string[] {
    const { origin, destination } = this.shape.node;
    const generated = origin === 'generated' && !this.#follows;
    const written = this.#translations.filter((_, position) => position > 0 || !generated);
    const explicit = destination?.identity === true && !generated;
    const conditions = [...this.#failing().map((condition) => `CASE WHEN ${condition} THEN 1 ELSE 0 END = 0`)];
    if (this.#matches) conditions.push(notMatched);
    const insert = [
      `INSERT INTO ${this.#table} (${written.map(({ column }) => quoteName(column.planned.destination.column)).join(', ')})`,
      ...(generated ? [`OUTPUT inserted.${this.#keyColumn} INTO #ids (id)`] : []),
      `SELECT ${written.map((translation) => this.#inserted(translation)).join(', ')}`,
      `FROM ${stagingTable} s`,
      ...this.#linkJoin(),
      ...written.filter(({ column }) => !isDeferred(column)).flatMap(({ joins }) => joins),
      ...this.#deferredJoinsForFailing(),
      ...(conditions.length === 0 ? [] : [`WHERE ${conditions.join(' AND ')}`]),
      'ORDER BY s.n;',
      'SET @inserted = ROWCOUNT_BIG();',
    ].join('\n');
    return [
      ...(generated ? ['TRUNCATE TABLE #ids;'] : []),
      ...(explicit ? [`SET IDENTITY_INSERT ${this.#table} ON;`] : []),
      insert,
      ...(explicit ? [`SET IDENTITY_INSERT ${this.#table} OFF;`] : []),
    ];
  }

  #inserted({ column, value }: Translation): string {
    if (isDeferred(column)) return `l.${linkName(column)}`;
    if (column.staged === this.shape.key && this.shape.node.origin === 'reserved' && !this.#follows)
      return '@base + s.n';
    return value;
  }

  #linkJoin(): string[] {
    return this.#deferred.length === 0 ? [] : ['JOIN #link l ON l.n = s.n'];
  }

  #failing(): string[] {
    return this.#problems()
      .map(({ problem }) => underPolicy(problem, 'fail'))
      .filter((condition) => condition !== null);
  }

  #problems(): { readonly translation: Translation; readonly problem: Problem }[] {
    return this.#translations.flatMap((translation) =>
      translation.problem === null ? [] : [{ translation, problem: translation.problem }],
    );
  }

  /** The lookup of a deferred column, where an orphan in it is to fail the entity. */
  #deferredJoinsForFailing(): string[] {
    return this.#deferred
      .filter(({ problem }) => problem !== null && underPolicy(problem, 'fail') !== null)
      .flatMap(({ joins }) => joins);
  }

  #update(): string[] {
    const written = this.#translations.slice(1);
    if (written.length === 0) return [];
    const conditions = this.#failing().map((condition) => `CASE WHEN ${condition} THEN 1 ELSE 0 END = 0`);
    return [
      `UPDATE d SET ${written.map((each) => `d.${quoteName(each.column.planned.destination.column)} = ${this.#inserted(each)}`).join(', ')}`,
      `FROM ${this.#table} d JOIN #matched k ON k.destination_key = d.${this.#keyColumn} JOIN ${stagingTable} s ON s.n = k.n`,
      ...this.#linkJoin(),
      ...this.#translations.filter(({ column }) => !isDeferred(column)).flatMap(({ joins }) => joins),
      ...this.#deferredJoinsForFailing(),
      ...(conditions.length === 0 ? [';'] : [`WHERE ${conditions.join(' AND ')};`]),
      'SET @updated = ROWCOUNT_BIG();',
    ];
  }

  /** References that become NULL are counted, by what they lack: the row in the source, or its image. */
  #count(kind: 'orphaned' | 'unmapped'): string[] {
    const statements: string[] = [];
    for (const { translation, problem } of this.#problems()) {
      const condition = kind === 'orphaned' ? orphanSetNull(problem) : unmappedSetNull(problem);
      if (condition === null) continue;
      statements.push(
        [
          `SELECT @${kind} = @${kind} + COUNT_BIG(*) FROM ${stagingTable} s`,
          ...(kind === 'orphaned' && translation.column.planned.treatment.kind !== 'typedValue'
            ? []
            : translation.joins),
          `WHERE ${condition}${this.#unlessSkipped()};`,
        ].join('\n'),
      );
    }
    return statements;
  }

  #defer(): string[] {
    const { state, runNumber } = this.context;
    return this.#deferred.flatMap(({ column, problem }) => {
      const staged = column.staged;
      if (staged === null || problem === null) return [];
      const row = this.#newKey();
      const textTarget = staged.transport.text || staged.transport.stagingType === 'uniqueidentifier';
      const left = problem.orphan !== null && problem.orphans === 'setNull' ? ` AND NOT (${problem.orphan})` : '';
      return [
        `INSERT INTO ${state.table('deferred_reference')} (run, entity, column_number, row_key, row_key_text, source_key, source_key_text, exists_in_source)`,
        `SELECT ${runNumber}, ${this.shape.index}, ${this.#numberOf(column)}, ${eitherColumn(this.#textKey, row.key)}, ${eitherColumn(textTarget, `s.${staged.name}`)}, ${staged.presence === null ? '1' : `s.${staged.presence}`}`,
        `FROM ${stagingTable} s JOIN #link l ON l.n = s.n ${row.join}`,
        `WHERE ${problem.isIdentifier} AND l.${linkName(column)} IS NULL${left}${this.#unlessSkipped()};`,
        'SET @deferred = @deferred + ROWCOUNT_BIG();',
      ];
    });
  }

  #newKey(): { readonly key: string; readonly join: string } {
    if (this.#mapped) {
      if (this.shape.node.origin === 'reserved' && !this.#matches && !this.#follows)
        return { key: '@base + s.n', join: '' };
      const source = this.#textKey ? `s.${this.shape.key.name}` : identifierOf(this.shape.key, 'integer');
      return {
        key: 'o.destination_key',
        join: `JOIN ${this.#map} o ON o.owner = ${this.#owner} AND o.source_key = ${source} AND o.run = ${this.context.runNumber}`,
      };
    }
    return { key: `s.${this.shape.key.name}`, join: '' };
  }

  #numberOf(column: ShapeColumn): number {
    return this.shape.entity.columns.indexOf(column.planned);
  }

  #explain(): string | null {
    const statements = this.#problems().flatMap(({ translation, problem }) => {
      const condition = underPolicy(problem, 'fail');
      if (condition === null) return [];
      const orphans = problem.orphan === null ? '0' : `COALESCE(SUM(CASE WHEN ${problem.orphan} THEN 1 ELSE 0 END), 0)`;
      return [
        [
          `SELECT ${quoteText(problem.attribute)}, COUNT(*), ${orphans} FROM ${stagingTable} s`,
          ...translation.joins,
          `WHERE ${condition}${this.#unlessSkipped()}`,
        ].join('\n'),
      ];
    });
    return statements.length === 0 ? null : `${statements.join('\nUNION ALL\n')};`;
  }
}

const notMatched = 'NOT EXISTS (SELECT 1 FROM #matched k WHERE k.n = s.n)';

/** A key of any type, as the state's written_row holds it. */
function asRowKey(key: string): string {
  return `CONVERT(nvarchar(446), ${key})`;
}

/** A key in the numeric or the text column of a pair; the other is NULL by name, since its default may be another value. */
function eitherColumn(text: boolean, key: string): string {
  return text ? `NULL, ${key}` : `${key}, NULL`;
}

function isDeferred(column: ShapeColumn): boolean {
  return column.planned.treatment.kind === 'reference' && column.planned.treatment.deferred;
}

function linkName(column: ShapeColumn): string {
  return `l${column.staged?.name ?? ''}`;
}

function linkType(column: ShapeColumn): string {
  const staged: StagedColumn | null = column.staged;
  if (staged === null) return 'bigint';
  if (staged.transport.stagingType === 'uniqueidentifier') return 'uniqueidentifier';
  return staged.transport.text ? 'nvarchar(446) COLLATE DATABASE_DEFAULT' : 'bigint';
}

function orphanSetNull(problem: Problem): string | null {
  if (problem.orphan === null || problem.orphans !== 'setNull') return null;
  return `${problem.isIdentifier} AND ${problem.orphan}`;
}

function unmappedSetNull(problem: Problem): string | null {
  if (problem.deferred || problem.unmapped !== 'setNull') return null;
  return problem.orphan === null ? problem.missing : `${problem.missing} AND NOT (${problem.orphan})`;
}
