import fc from 'fast-check';
import { expect, it } from 'vitest';
import { validateModel } from '../../../sandbox/factories/validateModel.js';
import { parseBatch } from '../../../sandbox/sqlserver/tsql/parser.js';
import { randomFactory } from '../../support/randomFactory.js';
import { recordEnvironment } from './support.js';

it('writes any factory in both environments, each row with a marker of its own', async () => {
  await fc.assert(
    fc.asyncProperty(randomFactory(), fc.nat(1_000), async (model, seed) => {
      validateModel(model);
      for (const environment of ['production', 'qa'] as const) {
        const { statements, tables } = await recordEnvironment(model, environment, 100, seed);
        for (const each of statements) parseBatch(each, { quotedIdentifier: true });
        for (const [table, { columns, rows }] of tables) {
          if (!table.startsWith('OSUSR_')) continue;
          const marker = columns.findIndex((each) => each === 'CODE' || each === 'CODE_1');
          expect(new Set(rows.map((row) => row[marker])).size, table).toBe(rows.length);
        }
      }
    }),
    { numRuns: 40 },
  );
});
