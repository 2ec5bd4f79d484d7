/**
 * Run as a process of its own, so that it can be given up after a time limit: the Temporal SDK downloads a dev server
 * into the folder named by the first argument, of the version named by the second.
 */
import { TestWorkflowEnvironment } from '@temporalio/testing';

const [downloadDir, version] = process.argv.slice(2);
if (downloadDir === undefined || version === undefined) throw new Error('usage: sdkDownload.ts FOLDER VERSION');
const environment = await TestWorkflowEnvironment.createLocal({
  server: { executable: { type: 'cached-download', downloadDir, version } },
});
await environment.teardown();
