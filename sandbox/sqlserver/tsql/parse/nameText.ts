import type { ObjectName } from '../ast.js';

const maximumParts = 4;
const closingQuotes: ReadonlyMap<string, string> = new Map([
  ['[', ']'],
  ['"', '"'],
]);

/**
 * The object name in a text, as OBJECT_ID, IDENT_CURRENT, DBCC CHECKIDENT or HAS_PERMS_BY_NAME take it: parts
 * between dots, each plain, in brackets or in quotes. Keywords and blanks inside a part are fine. Undefined for a
 * text that is no name: more than four parts, a bracket not closed, no object part.
 */
export function readObjectName(text: string): ObjectName | undefined {
  const parts = splitParts(text.trim());
  if (parts === undefined || parts.length > maximumParts) return undefined;
  const [object = '', schema = '', database = '', server = ''] = parts.reverse();
  if (object === '') return undefined;
  return { server, database, schema, object, span: { start: 0, end: text.length, line: 1, column: 1 } };
}

function splitParts(text: string): string[] | undefined {
  const parts: string[] = [];
  let position = 0;
  for (;;) {
    const part = readPart(text, position);
    if (part === undefined) return undefined;
    parts.push(part.name);
    if (part.end >= text.length) return parts;
    if (text[part.end] !== '.') return undefined;
    position = part.end + 1;
  }
}

function readPart(text: string, from: number): { name: string; end: number } | undefined {
  let start = from;
  while (text[start] === ' ') start++;
  const close = closingQuotes.get(text[start] ?? '');
  if (close === undefined) return readPlainPart(text, start);
  let name = '';
  for (let position = start + 1; position < text.length; position++) {
    if (text[position] !== close) name += text[position];
    else if (text[position + 1] === close) {
      name += close;
      position++;
    } else {
      return { name, end: skipBlanks(text, position + 1) };
    }
  }
  return undefined;
}

function readPlainPart(text: string, start: number): { name: string; end: number } {
  const dot = text.indexOf('.', start);
  const end = dot < 0 ? text.length : dot;
  return { name: text.slice(start, end).trimEnd(), end };
}

function skipBlanks(text: string, from: number): number {
  let position = from;
  while (text[position] === ' ') position++;
  return position;
}
