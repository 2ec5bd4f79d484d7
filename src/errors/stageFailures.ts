import type { CodeText } from './catalogueEntry.js';

const parks = (meaning: string, remedy: string): CodeText => ({ meaning, retried: false, remedy });
const again = (meaning: string, remedy: string): CodeText => ({ meaning, retried: true, remedy });

const lookAround =
  'Find out who else writes to the destination; then abort and start a new refresh, or accept the run as it is by skipping verify.';

/** Codes of failures that stages find themselves, beside those of SQL Server. */
export const stageFailures: Readonly<Record<string, CodeText>> = {
  DRAIN_STUCK: parks(
    'Events of affected applications wait in a queue and do not get fewer.',
    'See in Service Center why they are not processed; then retry, or skip to discard them.',
  ),
  EVENTS_WHILE_DISABLING: parks(
    'Events were queued while the applications were being disabled.',
    'Enable the applications until the queues are empty, disable them again and retry.',
  ),
  maintenanceFailed: again(
    'The program or endpoint of `maintenance` failed or timed out.',
    'Look at its own log; it is called again with the same order.',
  ),
  applicationLock: again(
    'The lock that all writers of the destination share was not granted in time.',
    'Nothing, unless it lasts: then find its holder in sys.dm_tran_locks (resource_type APPLICATION).',
  ),
  overlap: again('Another attempt has committed this batch.', 'Nothing: the next attempt takes over its counts.'),
  keysTaken: again('Another writer used keys that were reserved.', 'Nothing: new ones are reserved.'),
  relayGivenUp: again(
    'The faster way from server to server failed for these two servers.',
    'Nothing: rows are read by the driver from now on, which is slower.',
  ),
  countsDiffer: again(
    'A batch or table did not change as many rows as it should; nothing of it was committed. In verify it parks: rows moved and rows found differ.',
    'If it recurs, find out who else writes to the destination.',
  ),
  stateEntityMissing: parks(
    'The module that holds the state of runs has lost an entity.',
    'Publish the module again as docs/state-module.md says, then retry.',
  ),
  runClosed: parks(
    'This run has been closed or superseded; nothing was written. The run ends.',
    'Look at `refresh status`; start a new refresh if the destination needs one.',
  ),
  planDrift: parks(
    'A metamodel or the stored plan changed after the plan was made. The run ends.',
    'Start a new refresh: it plans anew.',
  ),
  unexpected: parks('A defect of the product.', 'Report it with the log of the worker.'),
  keyMissing: parks('The entity has no key column on both sides.', 'Publish the module in both environments.'),
  keyType: parks('Keys of that type cannot be read in pages.', 'Leave the entity out of the scope.'),
  keysExhausted: parks('The identity column has no keys left.', 'Reseed the column or clear the table, then retry.'),
  typeNotCarried: parks(
    'Values of that type cannot be carried exactly.',
    'Leave the attribute out of the scope, or move its entity by other means.',
  ),
  matchAmbiguous: parks(
    'A row of the source matches several rows of the destination, or several match the same one.',
    'Name match attributes that identify a row, or delete the destination rows first.',
  ),
  userReferred: parks(
    'A row outside of the load refers to a user that users.mode recreate is to delete; none of the batch was.',
    'Delete these rows or empty their references, then retry; or abort and plan with users.mode update.',
  ),
  mappedUserGone: parks(
    'The destination has lost users to whom `users.map` leads.',
    'Abort, correct the file and start a new refresh.',
  ),
  referenceWithoutImage: parks(
    'References point to rows that have no image in the destination.',
    'Include what they refer to, or set unmapped or orphans of the attribute to setNull or quarantine.',
  ),
  fixedPasswordMissing: parks(
    'users.passwords: fixed needs the hash that created users get.',
    'Set REFRESH_FIXED_PASSWORD_HASH where workers run, or choose blank or keep.',
  ),
  skipped: parks('The entity was skipped by the operator while it was at work.', 'Nothing.'),
  subscriptionsMissing: parks(
    'Event subscriptions are missing after they were restored.',
    'Look for a trigger or program that removes rows of the event table, then retry.',
  ),
  objectsChanged: parks(
    'Constraints are no longer trusted or triggers were disabled since the run began.',
    'Enable the triggers and check the constraints (WITH CHECK CHECK CONSTRAINT), then retry.',
  ),
  imagesMissing: parks(
    'Records that references were translated to do not exist in the destination.',
    'Publish the module that owns the records, then retry.',
  ),
  referencesLeft: parks('Deferred references have not been set.', 'Retry resolveDeferredReferences.'),
  entityIncomplete: parks('An entity has not been moved to its end.', 'Retry the entity.'),
  survivorsChanged: parks(
    'Rows of the destination that were to stay as they are have changed since the run began.',
    'Find out who else writes to the destination; then retry verify, or restore the rows from a backup.',
  ),
  rowsMissing: parks('Rows of the key map are not in the destination.', lookAround),
  keysShared: parks('Two source rows share one destination key.', lookAround),
  danglingReference: parks('Rows refer to rows that do not exist.', lookAround),
  processTrees: parks(
    'Processes do not name the root of their tree as top process.',
    'Abort, and start a new refresh; report it.',
  ),
};
