/** Names and notes come from databases and people: they must not become markup. */
export function text(value: string): string {
  return value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

export type Cell = string | number;

/** Longest text, in characters, of a column whose lines are not broken: codes and times. */
const unbroken = 24;

/** A section with a table; nothing without rows. Columns of numbers stand right. */
export function tableSection(title: string, head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  if (rows.length === 0) return '';
  const numeric = head.map((_, column) => rows.every((row) => typeof row[column] === 'number'));
  const short = head.map((_, column) => rows.every((row) => String(row[column]).length <= unbroken));
  const classOf = (column: number) =>
    numeric[column] === true ? ' class="number"' : short[column] === true ? ' class="short"' : '';
  const cell = (tag: 'th' | 'td', value: Cell, column: number) =>
    `<${tag}${classOf(column)}>${text(typeof value === 'number' ? count(value) : value)}</${tag}>`;
  const line = (tag: 'th' | 'td', values: readonly Cell[]) =>
    `<tr>${values.map((value, column) => cell(tag, value, column)).join('')}</tr>`;
  return (
    `<section><h2>${text(title)}</h2>\n<table>\n<thead>${line('th', head)}</thead>\n` +
    `<tbody>\n${rows.map((row) => line('td', row)).join('\n')}\n</tbody>\n</table></section>`
  );
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** 2026-11-21 15:20:31, in UTC as the page says once. */
export function time(at: string | null): string {
  return at === null ? '' : at.slice(0, 19).replace('T', ' ');
}
