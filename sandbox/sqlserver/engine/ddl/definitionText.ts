import type { BinaryOperator, CaseExpression, Condition, DataType, Expression, FunctionCall } from '../../tsql/ast.js';

/**
 * Definitions of constraints and computed columns as SQL Server's catalog views show them: not the text as written but
 * the parsed expression, with names in brackets, numbers in parentheses, CAST as CONVERT, and IN and BETWEEN taken
 * apart. Gives undefined for what this form is not known of; the catalog then shows the text as written.
 */
export function expressionDefinition(node: Expression): string | undefined {
  return defined(() => `(${expressionText(node, 0)})`);
}

export function conditionDefinition(node: Condition): string | undefined {
  return defined(() => `(${conditionText(node, 0)})`);
}

class UnknownForm extends Error {}

function defined(work: () => string): string | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof UnknownForm) return undefined;
    throw error;
  }
}

/** Operators bind the tighter the higher they stand ("Operator Precedence"). */
const strengths: Readonly<Record<BinaryOperator, number>> = {
  '+': 1,
  '-': 1,
  '&': 1,
  '|': 1,
  '^': 1,
  '*': 2,
  '/': 2,
  '%': 2,
};
const unaryStrength = 3;

function name(text: string): string {
  return `[${text.replaceAll(']', ']]')}]`;
}

function quoted(value: string, national: boolean): string {
  return `${national ? 'N' : ''}'${value.replaceAll("'", "''")}'`;
}

function expressionText(node: Expression, outer: number): string {
  switch (node.kind) {
    case 'null':
      return 'NULL';
    case 'integer':
    case 'decimal':
    case 'float':
      return `(${node.text})`;
    case 'money':
      return `($${node.text})`;
    case 'string':
      return quoted(node.value, node.national);
    case 'binary':
      return `0x${node.value.toString('hex').toUpperCase()}`;
    case 'column':
      return name(node.name);
    case 'unary': {
      const { operand, operator } = node;
      if (operator === '-' && (operand.kind === 'integer' || operand.kind === 'decimal' || operand.kind === 'float')) {
        return `(-${operand.text})`;
      }
      return `${operator}${expressionText(operand, unaryStrength)}`;
    }
    case 'binaryOperation': {
      const strength = strengths[node.operator];
      const text = `${expressionText(node.left, strength)}${node.operator}${expressionText(node.right, strength + 1)}`;
      return strength < outer ? `(${text})` : text;
    }
    case 'collate':
      return `${expressionText(node.expression, unaryStrength)} collate ${node.collation}`;
    case 'case':
      return caseText(node);
    case 'iif':
      return `case when ${conditionText(node.condition, 0)} then ${expressionText(node.then, 0)} else ${expressionText(node.otherwise, 0)} end`;
    case 'cast':
      return node.try
        ? `TRY_CAST(${expressionText(node.expression, 0)} AS ${typeText(node.type)})`
        : `CONVERT(${typeText(node.type)},${expressionText(node.expression, 0)})`;
    case 'convert': {
      const style = node.style === undefined ? '' : `,${expressionText(node.style, 0)}`;
      return `${node.try ? 'TRY_CONVERT' : 'CONVERT'}(${typeText(node.type)},${expressionText(node.expression, 0)}${style})`;
    }
    case 'function':
      return functionText(node);
    case 'datePart':
      return node.name.toLowerCase();
    case 'variable':
    case 'globalVariable':
    case 'subquery':
    case 'mergeAction':
      throw new UnknownForm();
  }
}

/** Functions that are written without parentheses. */
const bareFunctions: Readonly<Record<string, string>> = {
  CURRENT_TIMESTAMP: 'getdate()',
  CURRENT_USER: 'user_name()',
  SESSION_USER: 'user_name()',
  USER: 'user_name()',
  SYSTEM_USER: 'suser_sname()',
};

function functionText(node: FunctionCall): string {
  if (node.over !== undefined || node.star || node.distinct || node.withinGroup.length > 0) throw new UnknownForm();
  const { schema, object } = node.name;
  const bare = node.arguments.length === 0 ? bareFunctions[object.toUpperCase()] : undefined;
  if (bare !== undefined) return bare;
  const list = node.arguments.map((argument) => expressionText(argument, 0)).join(',');
  return schema === '' ? `${object.toLowerCase()}(${list})` : `${name(schema)}.${name(object)}(${list})`;
}

function caseText(node: CaseExpression): string {
  const input = node.input === undefined ? '' : ` ${expressionText(node.input, 0)}`;
  const branches = node.branches.map(({ when, then }) => {
    const test = node.input === undefined ? conditionText(when as Condition, 0) : expressionText(when as Expression, 0);
    return ` when ${test} then ${expressionText(then, 0)}`;
  });
  const otherwise = node.otherwise === undefined ? '' : ` else ${expressionText(node.otherwise, 0)}`;
  return `case${input}${branches.join('')}${otherwise} end`;
}

function typeText(type: DataType): string {
  const { parameters } = type;
  if (parameters === 'max') return `${name(type.name)}(max)`;
  return parameters.length === 0 ? name(type.name) : `${name(type.name)}(${parameters.join(',')})`;
}

const orStrength = 1;
const andStrength = 2;
const notStrength = 3;

function within(text: string, strength: number, outer: number): string {
  return strength < outer ? `(${text})` : text;
}

function conditionText(node: Condition, outer: number): string {
  switch (node.kind) {
    case 'comparison':
      return `${expressionText(node.left, 0)}${node.operator}${expressionText(node.right, 0)}`;
    case 'and':
    case 'or': {
      const strength = node.kind === 'and' ? andStrength : orStrength;
      const text = `${conditionText(node.left, strength)} ${node.kind.toUpperCase()} ${conditionText(node.right, strength)}`;
      return within(text, strength, outer);
    }
    case 'not':
      return `NOT ${conditionText(node.condition, notStrength)}`;
    case 'isNull':
      return `${expressionText(node.expression, 0)} IS ${node.negated ? 'NOT ' : ''}NULL`;
    case 'between': {
      const value = expressionText(node.expression, 0);
      const [low, high] = [expressionText(node.low, 0), expressionText(node.high, 0)];
      return node.negated
        ? within(`${value}<${low} OR ${value}>${high}`, orStrength, outer)
        : within(`${value}>=${low} AND ${value}<=${high}`, andStrength, outer);
    }
    case 'like': {
      const escape = node.escape === undefined ? '' : ` escape ${expressionText(node.escape, 0)}`;
      return `${node.negated ? 'NOT ' : ''}${expressionText(node.expression, 0)} like ${expressionText(node.pattern, 0)}${escape}`;
    }
    case 'inList': {
      const value = expressionText(node.expression, 0);
      const operator = node.negated ? '<>' : '=';
      // SQL Server shows the values of IN in the opposite order.
      const tests = node.values.map((item) => `${value}${operator}${expressionText(item, 0)}`).reverse();
      if (tests.length === 1) return tests[0] ?? '';
      return within(tests.join(node.negated ? ' AND ' : ' OR '), node.negated ? andStrength : orStrength, outer);
    }
    case 'quantifiedComparison':
    case 'inQuery':
    case 'exists':
    case 'updateColumn':
      throw new UnknownForm();
  }
}
