/** Last step of `npm run build`: bundles the compiled workflows, so that workers start at once and all run the same code. */
import { writeFile } from 'node:fs/promises';
import { DefaultLogger } from '@temporalio/worker';
import { builtBundlePath, bundleWorkflows } from './workflowBundle.js';

const { code } = await bundleWorkflows(new DefaultLogger('WARN'));
await writeFile(builtBundlePath, code);
