import { describe, expect, it } from 'vitest';
import { typeFit, typeText } from '../../../src/plan/columnTypes.js';
import { columnType } from './specFactory.js';

describe('whether the type of the destination takes every value', () => {
  it.each([
    ['nvarchar(50)', 'nvarchar(50)', 'same'],
    ['nvarchar(50)', 'nvarchar(max)', 'wider'],
    ['nvarchar(max)', 'nvarchar(2000)', 'narrower'],
    ['nvarchar(50)', 'nvarchar(20)', 'narrower'],
    ['varchar(20)', 'nvarchar(20)', 'wider'],
    ['nvarchar(20)', 'varchar(20)', 'narrower'],
    ['int', 'bigint', 'wider'],
    ['bigint', 'int', 'narrower'],
    ['int', 'decimal(10,0)', 'wider'],
    ['bigint', 'decimal(18,2)', 'narrower'],
    ['int', 'nvarchar(20)', 'incompatible'],
    ['decimal(37,8)', 'decimal(37,8)', 'same'],
    ['decimal(18,2)', 'decimal(37,8)', 'wider'],
    ['decimal(37,8)', 'decimal(37,2)', 'narrower'],
    ['decimal(18,8)', 'decimal(18,2)', 'narrower'],
    ['datetime', 'datetime2', 'wider'],
    ['datetime2', 'datetime', 'narrower'],
    ['image', 'varbinary(max)', 'same'],
    ['varbinary(max)', 'varbinary(100)', 'narrower'],
    ['bit', 'bit', 'same'],
    ['bit', 'int', 'incompatible'],
    ['uniqueidentifier', 'uniqueidentifier', 'same'],
    ['nvarchar(50)', 'image', 'incompatible'],
  ])('%s into %s is %s', (source, destination, expected) => {
    expect(typeFit(columnType(source), columnType(destination))).toBe(expected);
  });

  it('is said as declarations', () => {
    expect(['nvarchar(max)', 'decimal(37,8)', 'bigint'].map((each) => typeText(columnType(each)))).toEqual([
      'nvarchar(max)',
      'decimal(37,8)',
      'bigint',
    ]);
  });
});
