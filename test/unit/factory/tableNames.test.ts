import { describe, expect, it } from 'vitest';
import { tableNamed } from '../../../src/factory/tableNames.js';

describe('a physical table name', () => {
  it.each([
    ['OSUSR_abc_Person', null, 'dbo', 'OSUSR_abc_Person'],
    ['dbo.T', null, 'dbo', 'T'],
    ['Other.dbo.T', 'Other', 'dbo', 'T'],
    ['Other..T', 'Other', 'dbo', 'T'],
    ['[Other].[dbo].[a.b]]c]', 'Other', 'dbo', 'a.b]c'],
    ['OSUSR_abc_x[a]', null, 'dbo', 'OSUSR_abc_x[a]'],
    ["OSUSR_abc_a]b'c", null, 'dbo', "OSUSR_abc_a]b'c"],
  ])('%s is read part by part', (name, database, schema, table) => {
    expect(tableNamed(name, null, {})).toEqual({ database, schema, table });
  });
});
