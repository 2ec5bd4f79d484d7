import { DefaultLogger, Runtime, type WorkflowBundleOption } from '@temporalio/worker';
import { workflowBundle } from '../../worker/workflowBundle.js';

let installed = false;

/**
 * The workflow code as workers load it, which is bundled once until it changes: bundling takes seconds of a core. Makes
 * Temporal's runtime of this process log nothing but errors.
 */
export function quietBundle(): Promise<WorkflowBundleOption> {
  const logger = new DefaultLogger('ERROR');
  if (!installed) Runtime.install({ logger });
  installed = true;
  return workflowBundle(logger);
}
