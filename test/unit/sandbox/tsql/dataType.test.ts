import { describe, expect, it } from 'vitest';
import { SqlError } from '../../../../sandbox/sqlserver/engine/api.js';
import { resolveDataType, type DataTypePlace } from '../../../../sandbox/sqlserver/tsql/dataType.js';
import { parseOne } from './support.js';

function resolve(text: string, place: DataTypePlace = 'declaration') {
  const [variable] = parseOne(`DECLARE @v ${text}`, 'declare').variables;
  if (variable === undefined) throw new Error('expected a variable');
  return resolveDataType(variable.type, place);
}

function errorNumber(text: string, place?: DataTypePlace): number | undefined {
  try {
    resolve(text, place);
    return undefined;
  } catch (error) {
    return error instanceof SqlError ? error.number : undefined;
  }
}

describe('data types', () => {
  it('fills in lengths, precisions and scales', () => {
    expect(resolve('varchar')).toEqual({ name: 'varchar', length: 1 });
    expect(resolve('varchar', 'cast')).toEqual({ name: 'varchar', length: 30 });
    expect(resolve('nvarchar(max)')).toEqual({ name: 'nvarchar', length: 'max' });
    expect(resolve('decimal')).toEqual({ name: 'decimal', precision: 18, scale: 0 });
    expect(resolve('numeric(37, 8)')).toEqual({ name: 'numeric', precision: 37, scale: 8 });
    expect(resolve('float(24)')).toEqual({ name: 'real' });
    expect(resolve('datetime2')).toEqual({ name: 'datetime2', scale: 7 });
    expect(resolve('sysname')).toEqual({ name: 'nvarchar', length: 128 });
    expect(resolve('sys.int')).toEqual({ name: 'int' });
  });

  it('refuses what SQL Server refuses', () => {
    expect(errorNumber('nosuchtype')).toBe(2715);
    expect(errorNumber('nosuchtype', 'cast')).toBe(243);
    expect(errorNumber('int(4)')).toBe(2716);
    expect(errorNumber('int(4)', 'cast')).toBe(291);
    expect(errorNumber('varchar(8001)')).toBe(131);
    expect(errorNumber('nvarchar(4001)')).toBe(2717);
    expect(errorNumber('varchar(0)')).toBe(1001);
    expect(errorNumber('decimal(39)')).toBe(2750);
    expect(errorNumber('decimal(5, 6)')).toBe(2751);
    expect(errorNumber('datetime2(8)')).toBe(1002);
  });

  it('refuses xml and others by name', () => {
    expect(errorNumber('xml')).toBe(50001);
    expect(errorNumber('sql_variant')).toBe(50001);
  });
});
