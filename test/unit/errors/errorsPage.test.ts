import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { errorSections } from '../../../src/errors/catalogue.js';
import { errorsPage } from '../../../tools/errorsPage.js';

const page = 'docs/errors.md';

/** Milliseconds: every source file is parsed, on a machine that may be busy. */
const patience = 60_000;

it('docs/errors.md says what the code says (mend: npm run docs:errors)', { timeout: patience }, async () => {
  expect(readFileSync(page, 'utf8')).toBe(await errorsPage(page));
});

it('explains each code once', () => {
  const codes = errorSections().flatMap((section) => section.entries.map((entry) => entry.code));
  expect(codes.filter((code, at) => codes.indexOf(code) !== at)).toEqual([]);
});

it('explains every code that the source makes, and no other (add it to src/errors)', { timeout: patience }, () => {
  const made = new Map(sourceFiles().flatMap((file) => codesIn(file).map((code) => [code, file] as const)));
  const explained = new Set(errorSections().flatMap((section) => section.entries.map((entry) => entry.code)));
  expect([...made].filter(([code]) => !explained.has(code)).map(([code, file]) => `${code} in ${file}`)).toEqual([]);
  expect(writtenDown().filter((code) => !made.has(code))).toEqual([]);
});

/** Codes of the hand-written tables that must be made somewhere; failure types are no codes of a call. */
function writtenDown(): string[] {
  return errorSections()
    .filter(
      (section) => section.title !== 'What SQL Server and the network say' && section.title !== 'What a plan says',
    )
    .flatMap((section) => section.entries.map((entry) => entry.code))
    .filter((code) => !failureTypes.has(code));
}

const failureTypes = new Set([
  'RefreshFailed',
  'BadInput',
  'Rejected',
  'Aborted',
  'Infrastructure',
  'Refused',
  'AccessDenied',
  'RunClosed',
  'PlanDrift',
]);

function sourceFiles(): string[] {
  return ['src', 'workflows', 'activities', 'worker'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  );
}

/** Position of the code among the arguments of what makes a failure. */
const makers: Readonly<Record<string, number>> = {
  refuse: 0,
  interruption: 0,
  problem: 0,
  decided: 0,
  BadInputError: 0,
  RefreshError: 0,
  super: 0,
  badInput: 0,
  checkAgainst: 3,
};

/** Codes given as texts to the functions that make failures, or as `code` beside a `remedy`. */
function codesIn(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  if (!text.includes('remedy') && !Object.keys(makers).some((maker) => text.includes(`${maker}(`))) return [];
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const codes: string[] = [];
  const visit = (node: ts.Node): void => {
    if ((ts.isCallExpression(node) || ts.isNewExpression(node)) && node.arguments !== undefined) {
      const position = makers[node.expression.getText(source)];
      const given = position === undefined ? undefined : node.arguments[position];
      if (given !== undefined && ts.isStringLiteral(given)) codes.push(given.text);
    }
    if (ts.isObjectLiteralExpression(node) && propertyOf(node, 'remedy') !== undefined) {
      const code = propertyOf(node, 'code');
      if (code !== undefined && ts.isPropertyAssignment(code)) {
        const text = code.initializer.getText(source).match(/'([A-Za-z_]+)'$/)?.[1];
        if (text !== undefined) codes.push(text);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return codes.filter((code) => code !== '');
}

function propertyOf(node: ts.ObjectLiteralExpression, name: string): ts.ObjectLiteralElementLike | undefined {
  return node.properties.find(
    (each) => each.name !== undefined && ts.isIdentifier(each.name) && each.name.text === name,
  );
}
