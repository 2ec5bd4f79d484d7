import { readFile } from 'node:fs/promises';

/** Files of functions/ that the runtime brings: the engine's own, and the system functions of T-SQL in schema tsql. */
const files = ['engine', 'objects', 'server', 'permissions'] as const;

/** SQL text of the runtime's PostgreSQL functions; may be run again on the same database. */
export async function runtimeFunctionsSql(): Promise<string> {
  const texts = await Promise.all(
    files.map((name) => readFile(new URL(`functions/${name}.sql`, import.meta.url), 'utf8')),
  );
  return texts.join('\n');
}
