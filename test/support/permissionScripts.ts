import { readFileSync } from 'node:fs';
import { asAdministrator, connect } from './sqlServer.js';

/** A login of the server; its name is unique, for logins outlive databases. */
export interface DocumentedLogin {
  readonly user: string;
  readonly password: string;
}

const password = 'Least-Pr1vilege';

/** Runs a script of deploy/permissions as sqlcmd would: variables replaced, batches ended by GO. */
export async function documentedLogin(script: string, database: string, user: string): Promise<DocumentedLogin> {
  const variables: Record<string, string> = { DATABASE: database, LOGIN: user, PASSWORD: password };
  const text = readFileSync(`deploy/permissions/${script}.sql`, 'utf8').replace(
    /\$\((\w+)\)/g,
    (_, name: string) => variables[name] ?? '',
  );
  const session = await connect('master');
  try {
    for (const batch of text.split(/^GO$/m)) if (batch.trim() !== '') await session.batch(batch);
  } finally {
    await session.close();
  }
  return { user, password };
}

export async function dropLogins(logins: readonly DocumentedLogin[]): Promise<void> {
  await asAdministrator(...logins.map(({ user }) => `DROP LOGIN [${user}]`));
}
