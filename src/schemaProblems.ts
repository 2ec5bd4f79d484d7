import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { nearestNames } from './nearestName.js';
import { BadInputError } from './plan/badInput.js';

/**
 * Reads a YAML or JSON text (JSON is YAML). Throws BadInputError with line and column; never quotes the text, which
 * may hold secrets.
 */
export function parseYaml(text: string, what: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const problems = document.errors.map((error) => {
    const at = lines.linePos(error.pos[0]);
    return `line ${at.line}, column ${at.col}: ${firstLine(error.message)}`;
  });
  // The parser tells of one unclosed bracket twice.
  if (problems.length > 0) throw badInput('INPUT_SYNTAX', what, [...new Set(problems)]);
  const value: unknown = document.toJS({ maxAliasCount: 100 });
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw badInput('INPUT_SYNTAX', what, ['it must be one object with named settings']);
  }
  return value;
}

/** Checks a value against a schema; one message a problem, each with its path. */
export function checkAgainst<T extends z.ZodType>(schema: T, value: unknown, what: string, code: string): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw badInput(
    code,
    what,
    result.error.issues.flatMap((issue) => describeIssue(schema, issue)),
  );
}

function badInput(code: string, what: string, problems: readonly string[]): BadInputError {
  const [only] = problems;
  const message =
    problems.length === 1 && only !== undefined
      ? `The ${what} is not valid: ${only}.`
      : `The ${what} is not valid:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`;
  return new BadInputError(code, message, `Correct the ${what} and try again.`, problems);
}

function describeIssue(schema: z.ZodType, issue: z.core.$ZodIssue): string[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeysAt(schema, path);
    return issue.keys.map((key) => `${[...path, key].join('.')}: unknown key${keyHint(key, known)}`);
  }
  if (issue.code === 'invalid_union') {
    const inner = bestBranch(issue);
    if (inner !== null)
      return inner.flatMap((one) => describeIssue(schema, { ...one, path: [...issue.path, ...one.path] }));
  }
  return [`${path.length === 0 ? 'the whole' : path.join('.')}: ${readable(issue)}`];
}

/** Of a union the branch that the value resembles most: the one whose problems lie deepest, then the fewest. */
function bestBranch(issue: z.core.$ZodIssueInvalidUnion): readonly z.core.$ZodIssue[] | null {
  const branches = issue.errors.filter((errors) =>
    errors.some((error) => error.path.length > 0 || error.code === 'unrecognized_keys'),
  );
  const [best] = [...branches].sort((a, b) => a.length - b.length);
  return best ?? null;
}

function readable(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
    case 'invalid_type':
      return issue.input === undefined && issue.message.includes('undefined')
        ? 'is missing'
        : lowerFirst(issue.message.replace(/^Invalid input: /, ''));
    case 'invalid_key':
      return issue.issues[0]?.message ?? 'is not a valid key';
    default:
      return lowerFirst(issue.message.replace(/^Invalid input: /, ''));
  }
}

function keyHint(key: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const [nearest] = nearestNames(key, known, 1);
  return nearest === undefined ? ` (known: ${known.join(', ')})` : ` (did you mean ${nearest}?)`;
}

/** The keys that the schema knows at a path; empty where any key is allowed. */
function knownKeysAt(schema: z.ZodType, path: readonly string[]): string[] {
  let candidates: z.ZodType[] = objectsIn(schema);
  for (const step of path) {
    candidates = candidates.flatMap((candidate) => {
      if (candidate instanceof z.ZodRecord) return objectsIn(candidate.valueType as z.ZodType);
      if (candidate instanceof z.ZodObject) {
        const next = (candidate.shape as Record<string, z.ZodType | undefined>)[step];
        return next === undefined ? [] : objectsIn(next);
      }
      return [];
    });
  }
  return [
    ...new Set(
      candidates.flatMap((candidate) => (candidate instanceof z.ZodObject ? Object.keys(candidate.shape) : [])),
    ),
  ];
}

/** Objects and records that a schema accepts, seen through defaults, pipes and unions. */
function objectsIn(schema: z.ZodType): z.ZodType[] {
  if (schema instanceof z.ZodObject || schema instanceof z.ZodRecord) return [schema];
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => objectsIn(option as z.ZodType));
  if (schema instanceof z.ZodPipe) return [...objectsIn(schema.in as z.ZodType), ...objectsIn(schema.out as z.ZodType)];
  if (
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable
  ) {
    return objectsIn(schema.unwrap() as z.ZodType);
  }
  return [];
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
