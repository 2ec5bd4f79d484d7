import { quoteName, quoteTable } from '../src/sqlserver/quoteName.js';
import { DestinationSession, SourceSession, type SqlRowArray } from '../src/sqlserver/session.js';
import type { PlannedEntity } from '../src/plan/refreshPlan.js';
import { typeDeclaration } from '../src/sqlserver/columnText.js';
import { createCopies, dropCopies } from './copies.js';
import { prepareEnvironments, type BenchEnvironments } from './environments.js';
import { inTurn, measure, ratios, type Sample } from './measure.js';
import { bigEntity, salesFactory } from './model.js';
import { planFor, plannedRows, timeRefresh } from './refreshPath.js';
import type { Bench } from './results.js';

const literalRows = 1_000;

/** The guide's procedure: read a record, translate its references, insert it, remember its new identifier. */
export const literal: Bench = {
  name: 'literal',
  what: "data path against the guide's procedure taken literally",
  async run({ server, rows, runs, report, note }) {
    const environments = await prepareEnvironments(await server(), salesFactory(), rows);
    try {
      const moved = plannedRows(environments, await planFor(environments, 'generate'));
      const samples = await inTurn(
        runs,
        { literal: () => timeLiteral(environments), refresh: () => timeRefresh(environments, 'generate') },
        false,
      );
      const perRow = samples.literal.map(({ seconds, cpu }) => ({ seconds: seconds / literalRows, cpu }));
      const refreshPerRow = samples.refresh.map(({ seconds, cpu }) => ({ seconds: seconds / moved, cpu }));
      note(`record by record: ${literalRows} rows; refresh: ${moved} rows`);
      report({
        what: 'rows/s of the refresh to those of the procedure record by record',
        figure: ratios(perRow, refreshPerRow),
        unit: 'times',
        target: 'at least 60',
      });
    } finally {
      await environments.drop();
    }
  },
};

async function timeLiteral(environments: BenchEnvironments): Promise<Sample> {
  const plan = await planFor(environments, 'generate');
  const source = await SourceSession.open(environments.source);
  const destination = await DestinationSession.open(environments.destination);
  try {
    const entity = plan.entities.find(({ node }) => {
      const found = plan.nodes[node];
      return `${found?.espace}.${found?.entity}` === bigEntity;
    });
    if (entity === undefined) throw new Error(`${bigEntity} is not in the plan`);
    const only = { ...plan, entities: [entity] };
    const [copy] = await createCopies(destination, only, 'literal');
    await destination.batch('CREATE TABLE #remembered (old_key bigint NOT NULL PRIMARY KEY, new_key bigint NOT NULL);');
    const sample = await measure(() => moveRecords(source, destination, entity, copy?.table ?? ''));
    await dropCopies(destination, copy === undefined ? [] : [copy]);
    return sample;
  } finally {
    source.close();
    destination.close();
  }
}

async function moveRecords(
  source: SourceSession,
  destination: DestinationSession,
  entity: PlannedEntity,
  table: string,
): Promise<void> {
  const columns = entity.columns.flatMap(({ source: from, destination: to, treatment }) =>
    from === null
      ? []
      : [
          {
            from: quoteName(from.column),
            to: quoteName(to.column),
            type: from.type,
            refers: treatment.kind === 'reference',
          },
        ],
  );
  const key = columns[0]?.from ?? '';
  const text = columns.map(({ from, type }) =>
    type.name === 'datetime' ? `CONVERT(nvarchar(40), ${from}, 126)` : `CONVERT(nvarchar(4000), ${from})`,
  );
  let after = '0';
  for (let moved = 0; moved < literalRows; moved += 1) {
    const [row] = await source.query(
      `SELECT TOP (1) ${text.join(', ')} FROM ${quoteTable(entity.sourceTable)} WHERE ${key} > @after ORDER BY ${key}`,
      { after: { type: 'bigint', value: after } },
    );
    if (row === undefined) return;
    after = String(row[0]);
    for (const [index, { refers }] of columns.entries()) if (refers) await translateReference(destination, row, index);
    await destination.query(
      `INSERT INTO ${table} (${columns.map(({ to }) => to).join(', ')}) VALUES (${columns.map(({ type }, index) => `CONVERT(${typeDeclaration(type)}, @p${index})`).join(', ')})`,
      Object.fromEntries(
        row.map((value, index) => [
          `p${index}`,
          { type: 'nvarchar' as const, value: value === null ? null : String(value) },
        ]),
      ),
    );
    await destination.batch(`INSERT INTO #remembered VALUES (${after}, ${after});`);
  }
}

async function translateReference(destination: DestinationSession, row: SqlRowArray, index: number): Promise<void> {
  const value = row[index];
  if (value === null || value === undefined) return;
  const [found] = await destination.rows(`SELECT new_key FROM #remembered WHERE old_key = ${Number(value)};`);
  if (found !== undefined) row[index] = String(found[0]);
}
