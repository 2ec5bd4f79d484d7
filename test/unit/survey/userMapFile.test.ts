import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseUserMap, readUserMapFile } from '../../../src/survey/userMapFile.js';

const problemsOf = (text: string): string[] =>
  parseUserMap(text).problems.map(({ code, line, message }) => `${code} ${line}: ${message}`);

describe('the text of a map of users', () => {
  it('gives pairs with the lines that they stand on, quoted values and tenants included', () => {
    const text =
      'destination,production,Production_Tenant\r\n"test ""one""",ana,Users\r\n\r\n  test two ,"bo,b"\r\n"test\nthree",eve\r\n';
    expect(parseUserMap(text)).toEqual({
      problems: [],
      lines: [
        {
          line: 2,
          production: 'ana',
          destination: 'test "one"',
          productionTenant: 'Users',
          destinationTenant: '',
        },
        { line: 4, production: 'bo,b', destination: 'test two', productionTenant: '', destinationTenant: '' },
        { line: 6, production: 'eve', destination: 'test\nthree', productionTenant: '', destinationTenant: '' },
      ],
    });
  });

  it('may be parted by semicolons, as spreadsheets of some languages write it', () => {
    expect(parseUserMap('production;destination\na,b;c\n').lines).toMatchObject([
      { production: 'a,b', destination: 'c' },
    ]);
  });

  it('with a wrong header, an empty or a surplus value or an open quote is refused by line, never by value', () => {
    expect(problemsOf('production,target\nana,test\n')).toEqual([
      'USERS_MAP_INVALID 1: The header has unknown columns in place 2; known are production, destination, production_tenant, destination_tenant.',
      'USERS_MAP_INVALID 1: The header lacks the column destination.',
    ]);
    expect(problemsOf('production,destination,production\n')).toEqual([
      'USERS_MAP_INVALID 1: The header names a column twice.',
    ]);
    expect(problemsOf('production,destination\nana,\nbob,test,Users\neve\n')).toEqual([
      'USERS_MAP_INVALID 2: It has no value for destination.',
      'USERS_MAP_INVALID 3: It has more values than the header has columns.',
      'USERS_MAP_INVALID 4: It has no value for destination.',
    ]);
    expect(problemsOf('')).toEqual(['USERS_MAP_INVALID null: The file is empty.']);
    const [open = ''] = problemsOf('production,destination\nana,"secret.name\n');
    expect(open).toMatch(/^USERS_MAP_INVALID 2: This is not CSV/);
    expect(open).not.toContain('secret');
  });
});

describe('the file of a map of users', () => {
  let outer: string;
  let folder: string;

  beforeAll(() => {
    outer = mkdtempSync(join(tmpdir(), 'user-map-'));
    folder = join(outer, 'configuration');
    mkdirSync(join(folder, 'maps'), { recursive: true });
    writeFileSync(join(folder, 'maps', 'users.csv'), '\uFEFFproduction,destination\nana,test\n');
    writeFileSync(join(folder, 'latin1.csv'), Buffer.from('production,destination\nJos\u00e9,test\n', 'latin1'));
    writeFileSync(join(outer, 'secret.csv'), 'production,destination\nana,test\n');
  });

  afterAll(() => {
    rmSync(outer, { recursive: true });
  });

  it('lies in the folder of the configuration or below, with or without a byte order mark', () => {
    for (const path of ['maps/users.csv', './maps/users.csv', join(folder, 'maps', 'users.csv')])
      expect(readUserMapFile(folder, path).lines).toMatchObject([{ production: 'ana' }]);
  });

  it('is not opened anywhere else: whoever may start a workflow may name it', () => {
    for (const path of ['../secret.csv', 'maps/../../secret.csv', join(outer, 'secret.csv'), '.', '/etc/hostname']) {
      const { lines, problems } = readUserMapFile(folder, path);
      expect(lines).toEqual([]);
      expect(problems).toMatchObject([{ code: 'USERS_MAP_UNREADABLE', line: null }]);
    }
  });

  it('that is missing or in another encoding is refused, not half read', () => {
    expect(readUserMapFile(folder, 'none.csv').problems).toMatchObject([{ code: 'USERS_MAP_UNREADABLE' }]);
    expect(readUserMapFile(folder, 'maps').problems).toMatchObject([{ code: 'USERS_MAP_UNREADABLE' }]);
    expect(readUserMapFile(folder, 'latin1.csv')).toMatchObject({
      lines: [],
      problems: [{ code: 'USERS_MAP_INVALID' }],
    });
  });
});
