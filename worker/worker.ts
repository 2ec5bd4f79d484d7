import { Worker } from '@temporalio/worker';
import { createActivities } from '../activities/index.js';
import { planCache } from '../activities/planCache.js';
import type { Configuration, TemporalSettings } from '../src/config.js';
import { searchAttributeNames } from '../src/contract.js';
import { activityInterceptor } from './activityInterceptor.js';
import { connectWorker, knowsSearchAttributes } from './connection.js';
import { payloadEncryption } from './encryption/dataConverter.js';
import { logDefects, namedStack, runUntilStopped } from './lastWords.js';
import { createLog, installRuntime, temporalLogger } from './logging.js';
import { metricsInterceptor } from './metrics.js';
import { startTracing, tracingWorkflowModule } from './tracing/tracing.js';
import * as tuning from './tuning.js';
import { workerVersion } from './versioning.js';
import { workflowBundle } from './workflowBundle.js';

export interface RunWorkerOptions {
  readonly configuration: Configuration;
  /** What the command line says about Temporal; it goes before everything else. */
  readonly flags?: { readonly [K in keyof TemporalSettings]?: string | undefined };
  /** host:port to serve Prometheus metrics on. */
  readonly metrics?: string | undefined;
}

/**
 * Runs a worker until SIGINT or SIGTERM. It then takes no new work, lets what runs commit its batch, and resolves; what
 * was left goes on at another worker, or at this one after its restart.
 *
 * The environment may ask for encrypted payloads (encryption/keys.ts), traces (tracing/tracing.ts) and a version
 * (versioning.ts).
 *
 * @throws BadInputError when Temporal does not answer, or the environment is not clear
 */
export async function runWorker(options: RunWorkerOptions): Promise<void> {
  const log = createLog();
  const watchNoMore = logDefects(log);
  const version = workerVersion(process.env);
  const encryption = payloadEncryption(process.env);
  installRuntime(log, options.metrics);
  const tracing = startTracing(process.env);
  const temporal = await connectWorker(options.configuration, options.flags ?? {});
  const { connection, settings } = temporal;
  try {
    const worker = await Worker.create({
      connection,
      namespace: settings.namespace,
      taskQueue: settings.taskQueue,
      ...version,
      ...encryption,
      workflowBundle: await workflowBundle(temporalLogger(log), tracing === null ? [] : [tracingWorkflowModule()]),
      activities: createActivities({
        configuration: options.configuration,
        log,
        plans: planCache(options.configuration),
        searchAttributesKnown: () => knowsSearchAttributes(temporal, searchAttributeNames),
      }),
      interceptors: {
        activity: [
          ...(tracing === null ? [] : [tracing.activityInterceptor]),
          metricsInterceptor(),
          activityInterceptor(log),
        ],
      },
      ...(tracing === null ? {} : { sinks: tracing.sinks }),
      maxConcurrentActivityTaskExecutions: tuning.maxConcurrentActivities,
      maxConcurrentWorkflowTaskExecutions: tuning.maxConcurrentWorkflowTasks,
      maxCachedWorkflows: tuning.maxCachedWorkflows,
      maxHeartbeatThrottleInterval: tuning.maxHeartbeatThrottleInterval,
      shutdownGraceTime: tuning.shutdownGraceTime,
      shutdownForceTime: tuning.shutdownForceTime,
    });
    log.info(
      {
        ...settings,
        metrics: options.metrics ?? null,
        encrypted: 'dataConverter' in encryption,
        traced: tracing !== null,
        version: version.workerDeploymentOptions?.version ?? null,
      },
      'worker ready',
    );
    await runUntilStopped(worker, log);
  } finally {
    await tracing?.stop().catch(() => log.warn('the last traces were not taken by the collector'));
    await connection.close().catch((error: unknown) => log.warn(namedStack(error), 'the connection was not closed'));
    watchNoMore();
  }
}
