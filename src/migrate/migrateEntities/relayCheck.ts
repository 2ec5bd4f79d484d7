import type { DestinationSession, SourceSession } from '../../sqlserver/session.js';

/** A value of every type that the relay carries; the second row has none. */
const samples: readonly { readonly type: string; readonly value: string }[] = [
  { type: 'bit', value: '1' },
  { type: 'tinyint', value: '255' },
  { type: 'smallint', value: '-32768' },
  { type: 'int', value: '-2147483648' },
  { type: 'bigint', value: '9223372036854775807' },
  { type: 'real', value: '1.5' },
  { type: 'float', value: '-0.1E0' },
  { type: 'decimal(37, 8)', value: "N'-12345678901234567890123456789.12345678'" },
  { type: 'money', value: "N'922337203685477.5807'" },
  { type: 'smallmoney', value: "N'-1234.5678'" },
  { type: 'uniqueidentifier', value: "N'0F3B6288-E5B3-4804-97E2-9B1EA18FC12E'" },
  { type: 'datetime', value: "N'1753-01-01T00:00:00.003'" },
  { type: 'smalldatetime', value: "N'2020-02-29T23:59:00'" },
  { type: 'date', value: "N'0001-01-01'" },
  { type: 'time(7)', value: "N'23:59:59.9999999'" },
  { type: 'datetime2(7)', value: "N'9999-12-31T23:59:59.9999999'" },
  { type: 'datetimeoffset(7)', value: "N'0001-01-01 00:00:00.0000001 -14:00'" },
  { type: 'char(5) COLLATE Latin1_General_BIN2', value: "N'é'" },
  { type: 'varchar(20) COLLATE Latin1_General_BIN2', value: "N'áß€'" },
  { type: 'nchar(5) COLLATE Latin1_General_BIN2', value: "N'日本'" },
  { type: 'nvarchar(20) COLLATE Latin1_General_BIN2', value: "N'Ελλάδα ]'''" },
  { type: 'nvarchar(max) COLLATE Latin1_General_BIN2', value: "N'Україна'" },
  { type: 'binary(4)', value: '0x01020304' },
  { type: 'varbinary(20)', value: '0x00FF00' },
  { type: 'varbinary(max)', value: '0xD1D2FD' },
];

/**
 * Relays two rows made of constants from one server to a temporary table of the other and compares them there. False if
 * the driver's internals are not known, or if a value changed on its way.
 */
export async function relayWorks(source: SourceSession, destination: DestinationSession): Promise<boolean> {
  if (!source.relays || !destination.relays) return false;
  const rows = await source.queryBytes(samplesSql);
  const columns = samples.map(({ type }, index) => ({ name: `c${index}`, declaration: declarationOf(type) }));
  const created = samples.map(({ type }, index) => `c${index} ${type} NULL`).join(', ');
  await destination.batch(`DROP TABLE IF EXISTS #relayed; CREATE TABLE #relayed (n int NOT NULL, ${created});`);
  await destination.loadBytes('#relayed', [{ name: 'n', declaration: 'int' }, ...columns], rows);
  const compared = ['n', ...samples.map(({ type }, index) => comparable(type, `c${index}`))].join(', ');
  const [counts] = await destination.rows(
    `SELECT (SELECT COUNT(*) FROM #relayed), ` +
      `(SELECT COUNT(*) FROM (SELECT ${compared} FROM #relayed EXCEPT SELECT ${compared} FROM (${samplesSql}) e) d);`,
  );
  await destination.batch('DROP TABLE #relayed;');
  return Number(counts?.[0]) === 2 && Number(counts?.[1]) === 0;
}

/** Instants of different offsets are equal, so these are compared as text. */
function comparable(type: string, column: string): string {
  return type.startsWith('datetimeoffset') ? `CONVERT(varchar(40), ${column}, 121) AS ${column}` : column;
}

/** INSERT BULK names the collation of varchar only: the bytes of national text are the same in all. */
function declarationOf(type: string): string {
  return type.startsWith('n') ? type.replace(/ COLLATE .*/, '') : type;
}

const samplesSql = [1, 2]
  .map((row) => {
    const values = samples.map(({ type, value }, index) => {
      const [, declaration = type, collation = ''] = /^(.*?)( COLLATE .*)?$/.exec(type) ?? [];
      return `CONVERT(${declaration}, ${row === 1 ? value : 'NULL'})${collation} AS c${index}`;
    });
    return `SELECT CONVERT(int, ${row}) AS n, ${values.join(', ')}`;
  })
  .join(' UNION ALL ');
