/** Bulk load by pages: typed staging table, bulk load, INSERT ... SELECT with the conversions that keep values exact. */
import mssql from 'mssql';
import { quote } from './connection.js';

/** Decimals, and dates (ISO, milliseconds), travel as text; the server converts them. */
export type CellValue = null | string | number | bigint | boolean | Buffer;

interface ColumnType {
  readonly name: string;
  readonly type: string;
  /** Characters; -1 is max. */
  readonly length: number;
  readonly precision: number;
  readonly scale: number;
  readonly identity: boolean;
}

const pageRows = 5_000;
const pageBytes = 8_000_000;

export class Loader {
  private stages = 0;
  private readonly tables = new Map<string, Map<string, ColumnType>>();

  constructor(private readonly pool: mssql.ConnectionPool) {}

  async execute(text: string): Promise<void> {
    await this.pool.request().batch(text);
  }

  /** Inserts rows (values in column order) page by page; identity values are given, not generated. Returns how many. */
  async load(table: string, columns: readonly string[], rows: Iterable<readonly CellValue[]>): Promise<number> {
    const types = await this.columnTypes(table, columns);
    const stage = `#stage${++this.stages}`;
    let page: (readonly CellValue[])[] = [];
    let bytes = 0;
    let total = 0;
    const flush = async (): Promise<void> => {
      if (page.length === 0) return;
      if (total === 0)
        await this.execute(
          `CREATE TABLE ${stage} (${types.map((each, place) => `${stagedName(place)} ${stagedType(each)} NULL`).join(', ')})`,
        );
      else await this.execute(`TRUNCATE TABLE ${stage}`);
      await this.bulk(stage, types, page);
      await this.execute(insertFromStage(table, stage, types));
      total += page.length;
      page = [];
      bytes = 0;
    };
    for (const row of rows) {
      page.push(row);
      for (const value of row) bytes += typeof value === 'string' || Buffer.isBuffer(value) ? value.length : 8;
      if (page.length >= pageRows || bytes >= pageBytes) await flush();
    }
    await flush();
    if (total > 0) await this.execute(`DROP TABLE ${stage}`);
    return total;
  }

  private async bulk(
    stage: string,
    types: readonly ColumnType[],
    rows: readonly (readonly CellValue[])[],
  ): Promise<void> {
    const table = new mssql.Table(stage);
    types.forEach((each, place) => table.columns.add(stagedName(place), driverType(each), { nullable: true }));
    for (const row of rows) table.rows.push(row as mssql.IRow);
    await this.pool.request().bulk(table, { keepNulls: true });
  }

  private async columnTypes(table: string, columns: readonly string[]): Promise<ColumnType[]> {
    if (!this.tables.has(table.toLowerCase())) await this.readTables();
    const found = this.tables.get(table.toLowerCase());
    return columns.map((name) => {
      const column = found?.get(name.toLowerCase());
      if (!column) throw new Error(`Table ${table} has no column ${name}.`);
      return column;
    });
  }

  /** Reads the columns of all tables at once: asking table by table takes longer than loading small ones. */
  private async readTables(): Promise<void> {
    const result = await this.pool.request().query<ColumnRow>(
      `SELECT o.name AS table_name, c.name, t.name AS type, c.max_length, c.[precision], c.scale, c.is_identity
       FROM sys.columns c INNER JOIN sys.types t ON t.user_type_id = c.user_type_id
       INNER JOIN sys.tables o ON o.object_id = c.object_id`,
    );
    this.tables.clear();
    for (const row of result.recordset) {
      const key = row.table_name.toLowerCase();
      const columns = this.tables.get(key) ?? new Map<string, ColumnType>();
      this.tables.set(key, columns);
      const wide = row.type === 'nvarchar' && row.max_length > 0;
      columns.set(row.name.toLowerCase(), {
        name: row.name,
        type: row.type,
        length: wide ? row.max_length / 2 : row.max_length,
        precision: row.precision,
        scale: row.scale,
        identity: row.is_identity,
      });
    }
  }
}

interface ColumnRow {
  readonly table_name: string;
  readonly name: string;
  readonly type: string;
  readonly max_length: number;
  readonly precision: number;
  readonly scale: number;
  readonly is_identity: boolean;
}

function insertFromStage(table: string, stage: string, types: readonly ColumnType[]): string {
  const insert = `INSERT INTO ${quote(table)} (${types.map((each) => quote(each.name)).join(', ')}) SELECT ${types.map(fromStage).join(', ')} FROM ${stage}`;
  const identity = types.some((each) => each.identity);
  const on = identity ? `SET IDENTITY_INSERT ${quote(table)} ON; ` : '';
  const off = identity ? `; SET IDENTITY_INSERT ${quote(table)} OFF` : '';
  return `SET XACT_ABORT ON; ${on}${insert}${off}`;
}

/** Columns may have any name; the driver's bulk load takes only tame ones. */
function stagedName(place: number): string {
  return `c${place}`;
}

function fromStage({ type, precision, scale }: ColumnType, place: number): string {
  const column = stagedName(place);
  switch (type) {
    case 'decimal':
      return `CONVERT(decimal(${precision},${scale}), ${column})`;
    case 'datetime':
      return `CONVERT(datetime, ${column}, 126)`;
    case 'varchar':
      return `CONVERT(varchar(8000), ${column})`;
    default:
      return column;
  }
}

function stagedType({ type, length }: ColumnType): string {
  switch (type) {
    case 'int':
    case 'bigint':
    case 'bit':
      return type;
    case 'decimal':
    case 'datetime':
      return 'nvarchar(50)';
    case 'image':
      return 'varbinary(max)';
    case 'nvarchar':
    case 'varchar':
      return length < 0 || length > 4_000 ? 'nvarchar(max)' : `nvarchar(${length})`;
    default:
      throw new Error(`Columns of type ${type} are not written.`);
  }
}

function driverType(column: ColumnType): mssql.ISqlType {
  const staged = stagedType(column);
  switch (staged) {
    case 'int':
      return mssql.Int() as unknown as mssql.ISqlType;
    case 'bigint':
      return mssql.BigInt() as unknown as mssql.ISqlType;
    case 'bit':
      return mssql.Bit() as unknown as mssql.ISqlType;
    case 'varbinary(max)':
      return mssql.VarBinary(mssql.MAX);
    case 'nvarchar(max)':
      return mssql.NVarChar(mssql.MAX);
    default:
      return mssql.NVarChar(Number(staged.slice('nvarchar('.length, -1)));
  }
}
