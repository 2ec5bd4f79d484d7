import { typeText } from '../plan/columnTypes.js';
import type { DraftColumn } from '../plan/draft.js';
import { quoteName } from '../sqlserver/quoteName.js';

export interface ColumnQuestion {
  readonly column: DraftColumn;
  readonly fact: 'tooLong' | 'nulls';
}

/** All questions about one table in one scan: how many rows answer each with yes. Columns answer0, answer1, … */
export function columnFactsQuery(table: string, condition: string, questions: readonly ColumnQuestion[]): string {
  const answers = questions.map(
    (question, index) => `SUM(CAST(CASE WHEN ${conditionOf(question)} THEN 1 ELSE 0 END AS bigint)) AS answer${index}`,
  );
  return `SELECT ${answers.join(', ')} FROM ${table} t WHERE ${condition}`;
}

function conditionOf({ column, fact }: ColumnQuestion): string {
  const name = `t.${quoteName(column.source.column)}`;
  switch (fact) {
    case 'nulls':
      return `${name} IS NULL`;
    case 'tooLong':
      return tooLong(name, column);
  }
}

function tooLong(name: string, { source, destination }: DraftColumn): string {
  const { length } = destination.type;
  if (length === null) return `${name} IS NOT NULL AND TRY_CONVERT(${typeText(destination.type)}, ${name}) IS NULL`;
  const bytes = destination.type.name.startsWith('n') ? 2 : 1;
  const width =
    source.type.name.startsWith('n') && bytes === 1 ? `DATALENGTH(${name}) / 2` : `DATALENGTH(${name}) / ${bytes}`;
  const wide = length === -1 ? '1 = 0' : `${width} > ${length}`;
  const unicodeToCodePage = source.type.name.startsWith('n') && bytes === 1 && destination.type.name.includes('char');
  // What the code page cannot hold comes back as another text.
  return unicodeToCodePage ? `(${wide} OR CAST(CAST(${name} AS varchar(max)) AS nvarchar(max)) <> ${name})` : wide;
}
