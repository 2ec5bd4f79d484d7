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
 * @param interceptorModules modules to put around the workflows; the built bundle has none, so another one is made
 */
export async function workflowBundle(
  logger: Logger,
  interceptorModules: readonly string[] = [],
): Promise<WorkflowBundleOption> {
  if (existsSync(builtBundlePath) && interceptorModules.length === 0) return { codePath: builtBundlePath };
  const cached = join(root, '.sandbox', 'cache', `workflow-bundle-${await sourcesHash(interceptorModules)}.js`);
  if (existsSync(cached)) return { codePath: cached };
  const { code } = await bundleWorkflows(logger, interceptorModules);
  return (await keep(cached, code)) ? { codePath: cached } : { code };
}

/** Bundles workflows/index, from TypeScript in a checkout, from JavaScript in compiled code. */
export function bundleWorkflows(logger: Logger, interceptorModules: readonly string[] = []): Promise<{ code: string }> {
  const workflowsPath = join(root, 'workflows', `index${extname(import.meta.url)}`);
  return bundleWorkflowCode({ workflowsPath, logger, workflowInterceptorModules: [...interceptorModules] });
}

/** Everything that can change the bundle: the workflows, the contract they import, what is around, Temporal's version. */
async function sourcesHash(interceptorModules: readonly string[]): Promise<string> {
  const extension = extname(import.meta.url);
  const folder = join(root, 'workflows');
  const names = (await readdir(folder)).filter((name) => name.endsWith(extension)).sort();
  const files = [...names.map((name) => join(folder, name)), join(root, 'src', `contract${extension}`)];
  const hash = createHash('sha256');
  hash.update((createRequire(import.meta.url)('@temporalio/worker/package.json') as { version: string }).version);
  hash.update(interceptorModules.join('\0'));
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
