/**
 * How much one worker process does at once. A refresh is bound by its two databases: more workers, not larger numbers,
 * is the way to more throughput of other destinations.
 */

/**
 * Activities at once. One Node thread carries every row of the process, and about eight copying at once keep it busy;
 * beyond that its event loop lags and heartbeats come too late. The rest is room for stages of other runs. Connections
 * are bounded with it: an activity holds one or two to each database, `verify` parallelEntities and a large entity
 * parallelRanges times as many.
 */
export const maxConcurrentActivities = 12;

/** Workflow tasks are short; each of a run's children needs one now and then. */
export const maxConcurrentWorkflowTasks = 20;

/**
 * Workflows kept in memory. A run is one parent and as many children as it moves entities at once; an evicted one costs
 * a replay, a kept one some hundred kB that no heap statistic shows.
 */
export const maxCachedWorkflows = 200;

/**
 * How often heartbeats reach the server, at most: a third of the 30 s heartbeat time-out of a stage's calls
 * (workflows/activityOptions.ts). It bounds how late a cancel arrives at an activity.
 */
export const maxHeartbeatThrottleInterval = '10 seconds';

/**
 * On shutdown, time for activities to end by themselves before they hear of it. A call works about 10 s and then ends
 * with its batch committed, so none is normally cut.
 */
export const shutdownGraceTime = '20 seconds';

/**
 * Then an activity is told to stop: its statement is cancelled and the transaction in hand rolls back as a whole; what
 * was committed before stays. After this time the process ends whatever happens; give it longer than this before it is
 * killed (Kubernetes: terminationGracePeriodSeconds).
 */
export const shutdownForceTime = '60 seconds';
