import { quoteText } from '../../sqlserver/quoteName.js';
import type { EntityBatches } from './entityBatches.js';
import { stagingTable } from './stagingTable.js';
import { reasonOf, underPolicy } from './translation.js';

/** Rows with a reference that has no image, where the policy sets these aside; null where none does. */
export function quarantineStatement(batches: EntityBatches): string | null {
  const { state, runNumber } = batches.context;
  const statements: string[] = [];
  for (const translation of batches.translations) {
    const condition = translation.problem === null ? null : underPolicy(translation.problem, 'quarantine');
    if (translation.problem === null || condition === null) continue;
    statements.push(
      `INSERT INTO ${state.table('quarantine')} (run, entity, work_item, batch, source_key, attribute, reason)`,
      `SELECT ${runNumber}, ${batches.shape.index}, @workItem, @batch, CONVERT(nvarchar(450), s.${batches.shape.key.name}), ` +
        `${quoteText(translation.problem.attribute)}, ${reasonOf(translation.problem)}`,
      `FROM ${stagingTable} s`,
      ...translation.joins,
      `WHERE ${condition}${batches.unlessSkipped()};`,
    );
  }
  if (statements.length === 0) return null;
  const key = `CONVERT(nvarchar(450), s.${batches.shape.key.name})`;
  return [
    'SET NOCOUNT ON;',
    ...statements,
    `DELETE s FROM ${stagingTable} s WHERE EXISTS (SELECT 1 FROM ${state.table('quarantine')} q WHERE q.run = ${runNumber} AND q.entity = ${batches.shape.index} ` +
      `AND q.work_item = @workItem AND q.batch = @batch AND q.source_key = ${key} COLLATE DATABASE_DEFAULT);`,
    'DECLARE @quarantined int = @@ROWCOUNT, @matched int = 0;',
    ...(batches.matches
      ? [
          `DELETE k FROM #matched k WHERE NOT EXISTS (SELECT 1 FROM ${stagingTable} s WHERE s.n = k.n);`,
          'SET @matched = @@ROWCOUNT;',
        ]
      : []),
    'SELECT @quarantined, @matched;',
  ].join('\n');
}

/** The same where the policy fails the entity: what a batch that wrote too few rows lacked. */
export function explainStatement(batches: EntityBatches): string | null {
  const statements = batches.problems().flatMap(({ translation, problem }) => {
    const condition = underPolicy(problem, 'fail');
    if (condition === null) return [];
    const orphans = problem.orphan === null ? '0' : `COALESCE(SUM(CASE WHEN ${problem.orphan} THEN 1 ELSE 0 END), 0)`;
    return [
      [
        `SELECT ${quoteText(problem.attribute)}, COUNT(*), ${orphans} FROM ${stagingTable} s`,
        ...translation.joins,
        `WHERE ${condition}${batches.unlessSkipped()}`,
      ].join('\n'),
    ];
  });
  return statements.length === 0 ? null : `${statements.join('\nUNION ALL\n')};`;
}
