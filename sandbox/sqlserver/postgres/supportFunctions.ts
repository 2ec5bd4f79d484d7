import { readFile } from 'node:fs/promises';

/** Files of functions/, in the order they are loaded: base first. */
export const supportFunctionFiles = [
  'base',
  'numbers',
  'text',
  'binary',
  'dates',
  'dateParsing',
  'datetimeoffset',
  'patterns',
] as const;

/**
 * SQL text that creates schema `tsql` with the functions that translated statements call; it may be run again on the
 * same database. Bodies are not checked while they load, since files refer to each other.
 */
export async function supportFunctionsSql(): Promise<string> {
  const texts = await Promise.all(
    supportFunctionFiles.map((name) => readFile(new URL(`functions/${name}.sql`, import.meta.url), 'utf8')),
  );
  return `SET check_function_bodies = off;\n${texts.join('\n')}\nRESET check_function_bodies;\n`;
}
