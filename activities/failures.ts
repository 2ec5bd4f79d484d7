import { CompleteAsyncError } from '@temporalio/activity';
import { ApplicationFailure, TemporalFailure } from '@temporalio/common';
import type { StageFailure } from '../src/contract.js';
import { BadInputError } from '../src/plan/badInput.js';
import { classifyError } from '../src/sqlserver/errors.js';

/**
 * Turns whatever an activity threw into a failure with a type that the retry policy knows and with what the operator
 * is told. Nothing else leaves: messages and stacks of drivers quote row values, and Temporal keeps them.
 */
export function activityFailure(error: unknown): Error {
  if (error instanceof TemporalFailure || error instanceof CompleteAsyncError) return error;
  if (error instanceof BadInputError) {
    const failure: StageFailure = {
      code: error.code,
      message: error.message,
      sqlNumber: null,
      subject: null,
      remedy: error.remedy,
    };
    return failureOf('BadInput', failure, true);
  }
  const classified = classifyError(error);
  return failureOf(classified.type, classified.toStageFailure(), !classified.retried);
}

function failureOf(type: string, failure: StageFailure, nonRetryable: boolean): ApplicationFailure {
  return ApplicationFailure.create({ type, message: failure.message, nonRetryable, details: [failure] });
}
