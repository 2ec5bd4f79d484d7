import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** The operating system account that PostgreSQL runs as. */
export interface ServerAccount {
  /** Undefined: the account of this process. */
  readonly ids: { readonly uid: number; readonly gid: number } | undefined;
  /** Throws, naming the directory, when the account cannot reach one of them. */
  checkAccess(directories: readonly string[]): Promise<void>;
}

// PostgreSQL refuses to run as root; these accounts exist on about every system and own nothing of value.
const lowPrivilegeAccounts = ['postgres', 'nobody'];

/** This process' account, or a low-privilege one when this process runs as root. */
export async function findServerAccount(): Promise<ServerAccount> {
  if (process.getuid?.() !== 0) return { ids: undefined, checkAccess: () => Promise.resolve() };
  const accounts = await readFile('/etc/passwd', 'utf8');
  for (const name of lowPrivilegeAccounts) {
    const line = accounts.split('\n').find((entry) => entry.startsWith(`${name}:`));
    if (line === undefined) continue;
    const [, , uid, gid] = line.split(':');
    const ids = { uid: Number(uid), gid: Number(gid) };
    return { ids, checkAccess: (directories) => checkAccess(ids, name, directories) };
  }
  throw new Error(
    `PostgreSQL does not run as root, and none of the accounts ${lowPrivilegeAccounts.join(', ')} exists: ` +
      'start the sandbox as another user.',
  );
}

async function checkAccess(
  ids: { uid: number; gid: number },
  name: string,
  directories: readonly string[],
): Promise<void> {
  for (const directory of directories) {
    const child = spawn('ls', ['-d', path.join(directory, '.')], { ...ids, cwd: '/', stdio: 'ignore' });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (code === 0) continue;
    throw new Error(
      `PostgreSQL does not run as root, and the account '${name}' cannot reach ${directory}: ` +
        'start the sandbox as another user, or choose a directory that is open to all (chmod a+x its parents).',
    );
  }
}
