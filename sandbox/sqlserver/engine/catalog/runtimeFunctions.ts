import { readFile } from 'node:fs/promises';
import { sysnameUserTypeId, systemTypeIds } from './typeFacts.js';

/** Files of functions/ that the runtime brings: the engine's own, and the system functions of T-SQL in schema tsql. */
const files = ['engine', 'foreignKeys', 'objects', 'server', 'permissions'] as const;

/** SQL text of the runtime's PostgreSQL functions; may be run again on the same database. */
export async function runtimeFunctionsSql(): Promise<string> {
  const texts = await Promise.all(
    files.map((name) => readFile(new URL(`functions/${name}.sql`, import.meta.url), 'utf8')),
  );
  // The functions of one file call those of another: their bodies are checked when they run.
  return ['set check_function_bodies = off;', typeNames(), ...texts, 'reset check_function_bodies;'].join('\n');
}

/** The names and identifiers of types, for TYPE_NAME and TYPE_ID. */
function typeNames(): string {
  const ids = Object.entries({ ...systemTypeIds, sysname: sysnameUserTypeId });
  const rows = ids.map(([name, id]) => `('${name}', ${id})`).join(', ');
  return `create or replace function sandbox.type_names() returns table (name text, id int4) language sql immutable as $$
    select * from (values ${rows}) t
  $$;`;
}
