/**
 * A worker process as the product's, but with the workflow bundle and the doubled activities of the chaos suite:
 *   tsx chaosWorker.ts CONFIGURATION TASK_QUEUE BUNDLE SEED SHARE
 */
import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities } from '../../../activities/index.js';
import { planCache } from '../../../activities/planCache.js';
import { loadConfiguration, temporalSettings } from '../../../src/config.js';
import { activityInterceptor } from '../../../worker/activityInterceptor.js';
import { createLog, installRuntime } from '../../../worker/logging.js';
import * as tuning from '../../../worker/tuning.js';
import { Chance } from './chance.js';
import { doubledActivities } from './doubledActivities.js';

const [file, taskQueue = '', codePath = '', seed, share] = process.argv.slice(2);
const log = createLog();
installRuntime(log, undefined);
const configuration = loadConfiguration(file, process.env);
const { address, namespace } = temporalSettings(configuration, {}, {});
const connection = await NativeConnection.connect({ address });
const activities = createActivities({
  configuration,
  log,
  plans: planCache(configuration),
  searchAttributesKnown: () => Promise.resolve(true),
});
const worker = await Worker.create({
  connection,
  namespace,
  taskQueue,
  workflowBundle: { codePath },
  activities: doubledActivities(activities, new Chance(Number(seed)), Number(share)),
  interceptors: { activity: [activityInterceptor(log)] },
  maxConcurrentActivityTaskExecutions: tuning.maxConcurrentActivities,
  maxConcurrentWorkflowTaskExecutions: tuning.maxConcurrentWorkflowTasks,
  maxHeartbeatThrottleInterval: '2 seconds',
  shutdownGraceTime: '1 second',
});
log.info('worker ready');
await worker.run();
await connection.close();
