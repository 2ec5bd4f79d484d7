import { Writable } from 'node:stream';
import type { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { BadInputError } from '../../../src/plan/badInput.js';
import { activityInterceptor } from '../../../worker/activityInterceptor.js';

const info = {
  activityType: 'migrateBatches',
  attempt: 3,
  workflowExecution: { workflowId: 'refresh-qa', runId: 'r1' },
};

/** Runs an activity that throws inside the interceptor; resolves to what left it and what was logged. */
async function thrown(error: unknown): Promise<{ left: unknown; log: Record<string, unknown>[]; text: string }> {
  let text = '';
  const stream = new Writable({ write: (chunk: Buffer, _, done) => ((text += chunk.toString()), done()) });
  const { inbound } = activityInterceptor(pino(stream))({ info } as Context);
  const left: unknown = await inbound!.execute!({ args: [], headers: {} }, () => Promise.reject(error)).then(
    () => undefined,
    (failure: unknown) => failure,
  );
  const log = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { left, log, text };
}

describe('activityInterceptor', () => {
  it('lets no text of the driver out, neither to Temporal nor to the log (trap 82)', async () => {
    const error = Object.assign(
      new Error("Violation of UNIQUE KEY constraint 'UQ_Person'. The duplicate key value is (jane@example.com)."),
      { number: 2627, class: 14, code: 'EREQUEST' },
    );
    const { left, text } = await thrown(error);
    expect(left).toBeInstanceOf(ApplicationFailure);
    expect((left as ApplicationFailure).nonRetryable).toBe(true);
    expect(JSON.stringify((left as ApplicationFailure).details)).toContain('2627');
    expect(
      `${(left as ApplicationFailure).message}${JSON.stringify((left as ApplicationFailure).details)}${text}`,
    ).not.toContain('jane@example.com');
  });

  it('logs each failed attempt with what finds it again', async () => {
    const { log } = await thrown(new BadInputError('ENVIRONMENT_UNKNOWN', 'There is no qb.', 'Use qa.'));
    expect(log).toMatchObject([
      { activity: 'migrateBatches', attempt: 3, workflowId: 'refresh-qa', type: 'BadInput', level: 50 },
    ]);
  });

  it('hands a cancellation on as it is and reports no failure', async () => {
    const cancelled = new CancelledFailure('WORKER_SHUTDOWN');
    const { left, log } = await thrown(cancelled);
    expect(left).toBe(cancelled);
    expect(log).toMatchObject([{ level: 30 }]);
  });
});
