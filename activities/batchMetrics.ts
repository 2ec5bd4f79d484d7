import type { MetricMeter } from '@temporalio/common';
import type { CommittedBatch } from '../src/migrate/stageContext.js';

export const batchDuration = 'refresh_batch_duration_seconds';

/** Counts batches and rows on the worker's metrics; does nothing where metrics are off. */
export function batchMetrics(meter: MetricMeter, destination: string): (batch: CommittedBatch) => void {
  const rows = meter.createCounter('refresh_rows_written_total', undefined, 'Rows committed to the destination');
  const batches = meter.createCounter('refresh_batches_total', undefined, 'Batches committed to the destination');
  const durations = meter.createHistogram(batchDuration, 'float', 's', 'Time to write and commit a batch');
  return ({ stage, entity, rowsWritten, duration }) => {
    const labels = { destination, stage, entity };
    rows.add(rowsWritten, labels);
    batches.add(1, labels);
    durations.record(duration / 1000, { destination, stage });
  };
}
