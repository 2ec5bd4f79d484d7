import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { sandboxDirectory, sandboxPaths } from './directory.js';
import { writePrivateFile } from './privateFile.js';

/** Passwords of the sandbox, by the environment variable that the generated configuration and the programs read. */
export interface SandboxSecrets {
  readonly SANDBOX_SA_PASSWORD: string;
  readonly PROD_PASSWORD: string;
  readonly QA_PASSWORD: string;
  readonly QA_WRITER_PASSWORD: string;
}

const names = ['SANDBOX_SA_PASSWORD', 'PROD_PASSWORD', 'QA_PASSWORD', 'QA_WRITER_PASSWORD'] as const;

/** The passwords of this checkout's sandbox, made up at the first call; the server keeps the first ones it was given. */
export async function sandboxSecrets(): Promise<SandboxSecrets> {
  const known = await readVariables();
  const secrets = Object.fromEntries(names.map((name) => [name, known.get(name) ?? newPassword()]));
  await writeVariables(secrets);
  return secrets as unknown as SandboxSecrets;
}

/** Writes the file that a shell reads to use the sandbox by hand: passwords and more, for this user only. */
export async function writeVariables(variables: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(sandboxDirectory, { recursive: true });
  const lines = Object.entries(variables).map(([name, value]) => `${name}='${value}'\n`);
  await writePrivateFile(sandboxPaths.environment, lines.join(''));
}

async function readVariables(): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(sandboxPaths.environment, 'utf8').catch(() => '');
  return new Map([...text.matchAll(/^(\w+)='([^']*)'$/gm)].map(([, name = '', value = '']) => [name, value]));
}

/** With every kind of character that SQL Server's password policy asks for, and none that a shell would read. */
export function newPassword(): string {
  return `aA1-${randomBytes(15).toString('base64url')}`;
}
