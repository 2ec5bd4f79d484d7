import { format, resolveConfig } from 'prettier';
import { errorSections, type CatalogueSection } from '../src/errors/catalogue.js';
import type { CatalogueEntry } from '../src/errors/catalogueEntry.js';
import { sqlErrors } from '../src/sqlserver/errorCatalogue.js';

/** docs/errors.md as the code has it, laid out as prettier wants it. */
export async function errorsPage(path: string): Promise<string> {
  const text = [
    '# Codes',
    '',
    'Every code that a plan, a run or the command line may show. Written by `npm run docs:errors` from src/errors, src/plan/findings.ts and src/sqlserver/errorCatalogue.ts; a test fails when it is out of date.',
    '',
    'A failure is shown with its code, a message, the SQL Server number if there is one, the entity or object concerned, and what to do. SQL Server’s own texts are never shown, because they quote values of rows; the number finds them in its documentation.',
    '',
    ...errorSections().flatMap(sectionLines),
    ...numberLines(),
  ].join('\n');
  return format(text, { ...(await resolveConfig(path)), parser: 'markdown' });
}

function sectionLines({ title, introduction, entries }: CatalogueSection): string[] {
  return [
    `## ${title}`,
    '',
    introduction,
    '',
    '| code | meaning | retried | what to do |',
    '| --- | --- | --- | --- |',
    ...entries.map(row),
    '',
  ];
}

function row({ code, meaning, retried, remedy }: CatalogueEntry): string {
  return `| \`${code}\` | ${cell(meaning)} | ${retried ? 'yes' : 'no'} | ${cell(remedy)} |`;
}

/** Text as a table cell shows it: names in angle brackets are no HTML. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '\\<').replaceAll('_', '\\_');
}

function numberLines(): string[] {
  const rows = sqlErrors
    .filter(({ numbers, driverCodes, loginStates }) => numbers.length + driverCodes.length + loginStates.length > 0)
    .map(({ code, numbers, driverCodes, loginStates }) => {
      const states = loginStates.length === 0 ? [] : [`18456 with state ${list(loginStates)}`];
      return `| \`${code}\` | ${[...(numbers.length === 0 ? [] : [list(numbers)]), ...states].join('; ')} | ${driverCodes.map((each) => `\`${each}\``).join(', ')} |`;
    });
  return [
    '## Numbers of SQL Server and codes of the driver',
    '',
    'A number that is not listed is retried (`serverError`) from severity 17 on, and refused (`statementRefused`) below it.',
    '',
    '| code | SQL Server numbers | driver codes |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ];
}

function list(numbers: readonly number[]): string {
  return [...numbers].sort((a, b) => a - b).join(', ');
}
