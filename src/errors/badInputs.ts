import type { CodeText } from './catalogueEntry.js';

const wrong = (meaning: string, remedy: string): CodeText => ({ meaning, retried: false, remedy });

/** Codes of BadInputError. */
export const badInputs: Readonly<Record<string, CodeText>> = {
  INPUT_SYNTAX: wrong(
    'The request or configuration is no valid YAML or JSON object.',
    'Correct the line and column named.',
  ),
  REQUEST_INVALID: wrong(
    'The request has an unknown key or a value that is not allowed.',
    'Correct the path named; docs/request.md lists keys and values.',
  ),
  CONFIG_UNREADABLE: wrong(
    'The configuration file cannot be read.',
    'Name an existing file with --config or REFRESH_CONFIG.',
  ),
  CONFIG_INVALID: wrong(
    'The configuration has an unknown key or a value that is not allowed.',
    'Correct the path named.',
  ),
  CONFIG_VARIABLE_UNSET: wrong(
    'The configuration names a variable that the environment of the process does not have.',
    'Set the variables named where the command or worker runs.',
  ),
  ENVIRONMENT_UNKNOWN: wrong(
    'The request names an environment that the configuration of this worker does not have.',
    'Use a name of the configuration; all workers of a task queue need the same environments.',
  ),
  ENVIRONMENT_UNREACHABLE: wrong(
    'An environment cannot be read: no connection, login refused, or no such database.',
    'Correct what the message names: server, port, database, user or password.',
  ),
  TEMPORAL_UNREACHABLE: wrong(
    'Temporal does not answer.',
    'Start its server, or correct --address, TEMPORAL_ADDRESS, TLS or API key.',
  ),
  CODEC_KEY_INVALID: wrong(
    'A key for payload encryption is malformed, or there are two of one id.',
    'Set REFRESH_CODEC_KEYS to id=base64 pairs of 32 bytes each.',
  ),
  WORKER_VERSION_INVALID: wrong(
    'The variables that name the version of a worker contradict each other.',
    'Set REFRESH_BUILD_ID, and REFRESH_VERSIONING to pinned or autoUpgrade, or neither.',
  ),
  IDENTITY_UNKNOWN: wrong('The server did not say which database it is.', 'Check the login.'),
  DESTINATION_IS_PRODUCTION: wrong(
    'The destination has purpose production; it is never written.',
    'Swap source and destination, or name a non-production environment.',
  ),
  SAME_DATABASE: wrong(
    'Source and destination are one and the same database.',
    'Correct server or database of one of them.',
  ),
  PLATFORM_TABLE_MISSING: wrong(
    'The database lacks tables of the OutSystems platform, or the login cannot see them.',
    'Check that the configuration names the platform database, and the rights of the login.',
  ),
  SOURCE_UNREADABLE: wrong('The source login may not read a table that moves.', 'Give it SELECT on the tables named.'),
  SOURCE_WRITABLE: wrong(
    'The source login could write production.',
    'Use a login with SELECT only (docs/permissions.md), or set allowWritableSource: true.',
  ),
  SCOPE_EMPTY: wrong('The request names nothing to refresh.', 'Name a solution, application, espace or entity.'),
  SCOPE_UNKNOWN: wrong('The source has nothing of that name.', 'Correct the name, or use the SS_Key.'),
  SCOPE_AMBIGUOUS: wrong('Several active applications have that name.', 'Name one by its SS_Key.'),
  OPTION_UNKNOWN_ATTRIBUTE: wrong('An option names an attribute that the entity does not have.', 'Correct the name.'),
  PROCESS_STATUS_UNKNOWN: wrong('processes.statuses names no process status.', 'Use one of the names listed.'),
  PLAN_BLOCKED: wrong(
    'The plan has blocking findings, each listed with its code.',
    'Do what each line says, then plan again.',
  ),
  destinationBusy: wrong(
    'Another run has the destination.',
    'Wait for it, end it with `refresh abort`, or after a terminate `refresh recover DESTINATION`.',
  ),
};
