import type { CodeText } from './catalogueEntry.js';

/** Failure types of the workflow and its activities, and codes of decisions that ended a run. */
export const runFailures: Readonly<Record<string, CodeText>> = {
  RefreshFailed: {
    meaning:
      'Workflow failure type: a stage could not be done and was given up. If anything had been written, the applications stay disabled.',
    retried: false,
    remedy:
      'Read `refresh report ID`: it says what failed, what was undone and what is left; then start a new refresh.',
  },
  BadInput: {
    meaning: 'Failure type: the request, the configuration, a right or an environment is wrong. Nothing was written.',
    retried: false,
    remedy: 'Do what the message says, then start again.',
  },
  Rejected: {
    meaning: 'Workflow failure type: an approval was refused or expired.',
    retried: false,
    remedy: 'Nothing, or start a new refresh.',
  },
  Aborted: {
    meaning: 'Workflow failure type: an operator ended the run with `refresh abort`.',
    retried: false,
    remedy: 'Read `refresh report ID` for what is left; start a new refresh when ready.',
  },
  REJECTED: {
    meaning: 'An operator rejected the stage named; the note says why.',
    retried: false,
    remedy: 'Nothing, or start a new refresh.',
  },
  APPROVAL_EXPIRED: {
    meaning: 'Nobody approved the stage within approvals.expireAfter.',
    retried: false,
    remedy: 'Start a new refresh when somebody can approve it, or lengthen approvals.expireAfter.',
  },
  ABORTED: {
    meaning: 'An operator aborted the run; the note says why.',
    retried: false,
    remedy: 'Read `refresh report ID` for what is left.',
  },
  Infrastructure: {
    meaning: 'Activity failure type: a server, a network or a lock stands in the way, not the data.',
    retried: true,
    remedy: 'See the code beside it below.',
  },
  Refused: {
    meaning: 'Activity failure type: data or schema refuse the work; the stage or entity parks.',
    retried: false,
    remedy: 'See the code beside it below; then `refresh retry` or `refresh skip`.',
  },
  AccessDenied: {
    meaning: 'Activity failure type: the login or its rights refuse the work; the stage or entity parks.',
    retried: false,
    remedy: 'See the code beside it below; then `refresh retry`.',
  },
  RunClosed: {
    meaning: 'Activity failure type: another run or `refresh recover` has taken the destination over.',
    retried: false,
    remedy: 'Look at `refresh status`; this run writes nothing more.',
  },
  PlanDrift: {
    meaning: 'Activity failure type: a metamodel or the stored plan changed after the plan was made.',
    retried: false,
    remedy: 'Start a new refresh: it plans anew.',
  },
  TIMED_OUT: {
    meaning: 'An activity did not answer in its time: its worker died, or hangs.',
    retried: false,
    remedy: 'See whether workers run and reach both databases, then `refresh retry`.',
  },
  UNKNOWN: {
    meaning: 'A failure without a code: a defect of the product or of its surroundings.',
    retried: false,
    remedy: 'See the log of the worker, and report it.',
  },
};
