import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type Logger, type WorkflowBundleOption } from '@temporalio/worker';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Written by buildBundle.ts as the last step of `npm run build`, beside the compiled code. */
export const builtBundlePath = join(root, 'workflow-bundle.js');

/**
 * The workflow code in the form a worker loads: the bundle built with the compiled code, else one made now from the
 * sources and kept in the checkout's .sandbox/cache until they change.
 */
export async function workflowBundle(logger: Logger): Promise<WorkflowBundleOption> {
  if (existsSync(builtBundlePath)) return { codePath: builtBundlePath };
  const cached = join(root, '.sandbox', 'cache', `workflow-bundle-${await sourcesHash()}.js`);
  if (existsSync(cached)) return { codePath: cached };
  const { code } = await bundleWorkflows(logger);
  return (await keep(cached, code)) ? { codePath: cached } : { code };
}

/** Bundles workflows/index, from TypeScript in a checkout, from JavaScript in compiled code. */
export function bundleWorkflows(logger: Logger): Promise<{ code: string }> {
  const workflowsPath = join(root, 'workflows', `index${extname(import.meta.url)}`);
  return bundleWorkflowCode({ workflowsPath, logger });
}

/** Everything that can change the bundle: the workflows, the contract they import, and Temporal's version. */
async function sourcesHash(): Promise<string> {
  const extension = extname(import.meta.url);
  const folder = join(root, 'workflows');
  const names = (await readdir(folder)).filter((name) => name.endsWith(extension)).sort();
  const files = [...names.map((name) => join(folder, name)), join(root, 'src', `contract${extension}`)];
  const hash = createHash('sha256');
  hash.update((createRequire(import.meta.url)('@temporalio/worker/package.json') as { version: string }).version);
  for (const file of files) hash.update(`\0${file}\0`).update(await readFile(file));
  return hash.digest('hex').slice(0, 16);
}

/** False where the folder cannot be written, as in an installed package without a built bundle. */
async function keep(path: string, code: string): Promise<boolean> {
  const unfinished = `${path}.${process.pid}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(unfinished, code);
    await rename(unfinished, path);
    return true;
  } catch {
    return false;
  }
}
