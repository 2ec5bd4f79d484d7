import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the sandbox of this checkout keeps everything: data, logs, configuration, and what runs. */
export const sandboxDirectory = fileURLToPath(new URL('../.sandbox/', import.meta.url)).replace(/\/$/, '');

export const sandboxPaths = {
  state: join(sandboxDirectory, 'state.json'),
  /** Passwords, for this user only. */
  environment: join(sandboxDirectory, 'env'),
  configuration: join(sandboxDirectory, 'refresh.yaml'),
  logs: join(sandboxDirectory, 'logs'),
  sqlServer: join(sandboxDirectory, 'sqlserver'),
  temporal: join(sandboxDirectory, 'temporal'),
} as const;

export interface ServiceState {
  readonly pid: number;
  readonly port: number;
  readonly uiPort?: number;
}

/** What an earlier `up` left. */
export interface SandboxState {
  readonly sqlServer?: ServiceState;
  readonly temporal?: ServiceState;
  readonly scheduler?: { readonly pid: number };
  readonly worker?: { readonly pid: number };
  /** The sample environments in the databases; `touched` while a refresh of them is under way or ended badly. */
  readonly samples?: { readonly rows: number; readonly seed: number; readonly touched: boolean };
}

export async function readState(): Promise<SandboxState> {
  try {
    return JSON.parse(await readFile(sandboxPaths.state, 'utf8')) as SandboxState;
  } catch {
    return {};
  }
}

/** Replaces single entries; undefined removes one. */
export async function changeState(changes: { [K in keyof SandboxState]?: SandboxState[K] | undefined }): Promise<void> {
  await mkdir(sandboxDirectory, { recursive: true });
  const unfinished = `${sandboxPaths.state}.${process.pid}`;
  await writeFile(unfinished, JSON.stringify({ ...(await readState()), ...changes }, null, 2));
  await rename(unfinished, sandboxPaths.state);
}

/** Deletes everything that the sandbox keeps, the bundle cache excepted. */
export async function deleteSandbox(): Promise<void> {
  const { logs, sqlServer, temporal, state, environment, configuration } = sandboxPaths;
  for (const path of [logs, sqlServer, temporal, state, environment, configuration]) {
    await rm(path, { recursive: true, force: true });
  }
}
