import type { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory, PrometheusMetricsExporter } from '@temporalio/worker';
import { batchDuration } from '../activities/batchMetrics.js';
import type { CloseRunInput, StageFailure } from '../src/contract.js';

const stageDuration = 'refresh_stage_duration_seconds';

/** Where Prometheus finds the metrics, and buckets for those of the product: seconds to days. */
export function prometheus(bindAddress: string): PrometheusMetricsExporter {
  return {
    prometheus: {
      bindAddress,
      useSecondsForDurations: true,
      histogramBucketOverrides: {
        [stageDuration]: [1, 10, 60, 300, 900, 3_600, 14_400, 43_200, 86_400, 259_200],
        [batchDuration]: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
      },
    },
  };
}

/**
 * Counts failed attempts by their code (it stands outside of the interceptor that gives them one), and at the end of a run how it ended and how long each stage took. Names and
 * labels are listed in docs/operating.md.
 */
export function metricsInterceptor(): ActivityInterceptorsFactory {
  return (context) => ({
    inbound: {
      async execute(input, next) {
        try {
          const result = await next(input);
          if (context.info.activityType === 'closeRun') recordEnd(context, input.args[0] as CloseRunInput);
          return result;
        } catch (error) {
          recordFailure(context, error);
          throw error;
        }
      },
    },
  });
}

function recordEnd({ metricMeter }: Context, { run, ending, status }: CloseRunInput): void {
  const { destination } = run;
  metricMeter.createCounter('refresh_runs_total', undefined, 'Refreshes that ended').add(1, { destination, ending });
  const durations = metricMeter.createHistogram(
    stageDuration,
    'float',
    's',
    'Time from the start of a stage to its end',
  );
  for (const { name, startedAt, endedAt } of status.stages) {
    if (startedAt === null || endedAt === null) continue;
    durations.record(Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)) / 1000, { destination, stage: name });
  }
}

function recordFailure({ metricMeter, info }: Context, error: unknown): void {
  // A shutdown or a cancel is no failure.
  if (!(error instanceof ApplicationFailure)) return;
  const code = (error.details?.[0] as StageFailure | undefined)?.code ?? 'UNKNOWN';
  metricMeter
    .createCounter('refresh_failures_total', undefined, 'Failed attempts of activities, by code')
    .add(1, { activity: info.activityType, code, type: error.type ?? '' });
}
