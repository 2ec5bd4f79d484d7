import { canonicalHash } from './canonicalJson.js';
import { BadInputError } from './badInput.js';
import type { Finding, RefreshPlan } from './refreshPlan.js';

type Severity = Finding['severity'];

/**
 * Everything a plan may say, with its usual severity and what to do about it. Codes are stable: scripts and approvals
 * rest on them.
 */
export const findingCatalogue = {
  SCOPE_PRODUCER_INCLUDED: [
    'info',
    'Exclude it with scope.exclude, or set producers to matchOnly, if its rows must not move.',
  ],
  SCOPE_PRODUCER_REFUSED: [
    'blocking',
    'Name it in the scope, exclude it with scope.exclude, or set producers to include.',
  ],
  SCOPE_PRODUCER_NOT_MATCHED: [
    'warning',
    'Give entities.<Espace.Entity>.match attributes that identify its rows on both sides, or set producers to include.',
  ],
  SCOPE_PROTECTED_MODULE: [
    'info',
    'Name the espace in scope.espaces, or the entity in scope.entities, if its rows are really meant to move: such modules hold accounts, secrets and settings of their environment.',
  ],
  SCOPE_SYSTEM_ENTITY: [
    'warning',
    'Nothing: rows of platform tables move only where the refresh has a stage for them (users, groups, processes).',
  ],
  SCOPE_EXTERNAL_ENTITY: [
    'warning',
    'Name the entity in scope.entities if its table is not shared between the two environments.',
  ],
  SCOPE_DELETED_NAMESAKE: ['info', 'Nothing: the deleted one is ignored.'],
  SCOPE_NO_PROCESSES: [
    'info',
    'Name an application or espace in the scope if the instances of its processes shall move.',
  ],
  OPTIONS_UNUSED: ['warning', 'Correct the name under entities, or extend the scope.'],

  MODEL_MODULE_MISSING: ['blocking', 'Publish the module in the destination, or exclude it with scope.exclude.'],
  MODEL_ENTITY_MISSING: [
    'blocking',
    'Publish the same version of the module in the destination, or exclude the entity with scope.exclude.',
  ],
  MODEL_ENTITY_EXTRA: ['info', 'Nothing: its rows stay as they are.'],
  MODEL_ATTRIBUTE_MISSING: [
    'warning',
    "Publish the same version of the module in the destination if the attribute's values are needed there.",
  ],
  MODEL_ATTRIBUTE_EXTRA: ['info', 'Nothing: rows get the default of the column.'],
  MODEL_COLUMN_NEEDS_VALUE: [
    'blocking',
    'Give the column a default in the destination, or publish the same version of the module there.',
  ],
  MODEL_UNIQUE_LEFTOVER: [
    'blocking',
    'Drop the index in the destination, or publish the same version of the module there.',
  ],
  MODEL_TYPE_DIFFERS: ['blocking', 'Publish the same version of the module in the destination.'],
  MODEL_TYPE_WIDER: ['info', 'Nothing: every value fits.'],
  MODEL_TYPE_NARROWER: [
    'warning',
    'Nothing now: every value of today fits. Values that are longer when the row is read stop the entity.',
  ],
  MODEL_VALUES_TOO_LONG: ['blocking', 'Widen the attribute in the destination, or shorten the values in the source.'],
  MODEL_NULLS_REFUSED: [
    'blocking',
    'Publish the same version of the module in the destination, or fill the empty values in the source.',
  ],
  MODEL_DELETE_RULE_DIFFERS: [
    'warning',
    'Publish the same version of the module in the destination if its delete rules matter to what is tested there.',
  ],
  MODEL_MANDATORY_DIFFERS: ['info', 'Nothing: mandatory is no constraint of the database.'],
  MODEL_KIND_DIFFERS: [
    'blocking',
    'Publish the same version of the module in the destination: the entity is static on one side only.',
  ],
  MODEL_TENANCY_DIFFERS: ['blocking', 'Make the entity multi-tenant on both sides or on neither.'],
  MODEL_COLLATION_DIFFERS: [
    'warning',
    "Check that no two texts differ only by what the destination's collation ignores.",
  ],
  MODEL_REFERENCE_DIFFERS: [
    'blocking',
    'Publish the same version of the module in the destination: the attribute refers to another entity there.',
  ],
  MODEL_KEY_DIFFERS: [
    'blocking',
    'Publish the same version of the module in the destination: the identifier has another kind of type there.',
  ],
  MODEL_KEY_MISSING: [
    'blocking',
    'Exclude the entity with scope.exclude: without an identifier its rows cannot be told apart.',
  ],
  MODEL_TABLE_MISSING: [
    'blocking',
    'Publish the module again in that environment, or exclude the entity with scope.exclude.',
  ],
  MODEL_TABLE_SHARED: [
    'blocking',
    'Exclude all but one of the entities with scope.exclude: one table is not loaded twice.',
  ],

  GRAPH_CYCLE: [
    'blocking',
    'Make one of these attributes nullable and not part of a unique index in the destination, or exclude one of the entities.',
  ],
  REFERENCE_UNAVAILABLE: ['warning', 'Widen the scope to what is referred to, or set unmapped for these attributes.'],
  REFERENCE_UNMAPPED: [
    'blocking',
    'Set unmapped of the attribute to setNull or quarantine, or widen the scope to what is referred to.',
  ],
  REFERENCE_DROPPED: ['warning', 'Nothing, if the loss is acceptable: the report counts it.'],
  ORPHANS_FOUND: [
    'warning',
    'Nothing, if the loss is acceptable: what they refer to does not exist in the source either.',
  ],
  ORPHANS_REFUSED: [
    'blocking',
    'Repair these references in the source, or set orphans of the attribute to setNull or quarantine.',
  ],
  STATIC_RECORD_MISSING: ['info', 'Publish the same version of the module in the destination.'],
  STATIC_RECORD_NAMESAKE: [
    'info',
    'Nothing, if no row uses it; publish the same version of the module in both environments otherwise.',
  ],
  STATIC_RECORD_MISSING_IN_USE: [
    'blocking',
    'Publish the module that has these records in the destination, or set unmapped of the attribute.',
  ],

  KEY_HEADROOM: [
    'blocking',
    'Reseed the identity of the destination table or delete its rows: its type has no room for that many new keys.',
  ],
  KEY_NOT_PRESERVABLE: ['blocking', 'Set keys to auto.'],
  KEY_CONFLICT: [
    'blocking',
    "Delete the destination's rows first (destinationData or entities.<Espace.Entity>.data: deleteFirst).",
  ],
  KEY_NULL_IDENTIFIER: [
    'blocking',
    'Give the row another identifier in the source, or set the references that hold 0 or an empty text to NULL there: nobody can tell what they mean.',
  ],
  KEY_COLLATION_CONFLICT: [
    'blocking',
    "Change the keys in the source that the destination's collation takes as equal.",
  ],

  DELETION_OUTSIDE_SCOPE: [
    'warning',
    "Widen the scope to them, or keep the destination's rows (data: keep); approving deleteDestinationData accepts the loss.",
  ],
  DELETION_CHAIN: ['blocking', 'Add the entity to the scope, or keep the rows that it depends on (data: keep).'],
  DELETION_LEAVES_DANGLING: [
    'warning',
    'Widen the scope to them, or accept that these rows refer to rows that are gone.',
  ],
  DELETION_REFUSED_BY_KEPT: [
    'blocking',
    'Set data of both entities to the same value: kept rows refer to rows that would be deleted.',
  ],
  DELETION_TEARS_TREES: [
    'blocking',
    "Add the modules of the other process definitions to the scope, or keep the destination's rows (destinationData: keep).",
  ],
  DELETION_KEEPS_TENANTS: ['info', 'Nothing: rows of tenants that are not refreshed stay.'],
  DATA_MATCH_NEEDED: ['warning', 'Give entities.<Espace.Entity>.match, or set its data to deleteFirst.'],
  MATCH_ALIKE: [
    'blocking',
    'Add attributes to entities.<Espace.Entity>.match until they identify a row, set onMatch to skip, or leave the rows out (where).',
  ],
  UNIQUE_CONFLICT: [
    'blocking',
    'Match these rows (entities.<Espace.Entity>.match with the attributes of the index), delete the destination rows first, or leave the rows out (where).',
  ],
  UNIQUE_UNCHECKED: ['warning', 'Nothing, if no two rows are alike; a row that breaks the index stops its entity.'],

  USERS_FORECAST: ['info', 'Nothing.'],
  USERS_UNMATCHED: ['warning', 'Set users.mode to createMissing, name a users.fallback, or accept what unmapped says.'],
  USERS_UNMATCHED_REFUSED: [
    'blocking',
    'Set users.mode to createMissing, name a users.fallback, or set unmapped to setNull.',
  ],
  USERS_AMBIGUOUS: [
    'blocking',
    'Add attributes to users.match until every user has one counterpart, or deactivate the duplicates.',
  ],
  USERS_NAMESAKES: [
    'warning',
    'Add username and tenant to users.match, or map these users in users.map, unless two accounts of one login are meant.',
  ],
  USERS_FALLBACK_UNKNOWN: ['blocking', 'Name an existing user of the destination in users.fallback.'],
  USERS_RECREATE_REFERRED: [
    'blocking',
    'Set users.mode to update, which changes users in place; or widen the scope to these rows, delete them, or name the users in users.keep.',
  ],
  USERS_MAP_UNREADABLE: [
    'blocking',
    'Put the file into the folder of the configuration of whoever makes the plan (every worker, and `refresh plan`), and name it relative to that folder.',
  ],
  USERS_MAP_INVALID: ['blocking', 'Correct the line: CSV in UTF-8 under a header of production,destination.'],
  USERS_MAP_USER_UNKNOWN: ['blocking', 'Correct the user name or the tenant of this line, or remove the line.'],
  USERS_MAP_AMBIGUOUS: ['blocking', 'Name the tenants in the file, or deactivate duplicates in the destination.'],
  USERS_MAP_TWICE: ['blocking', 'Remove one of the two lines: a production user has one counterpart.'],
  TENANT_MISSING: ['blocking', 'Create the tenant in the destination, or set tenants to exclude.'],
  TENANT_EXCLUDED: ['warning', 'Create the tenant in the destination if its rows are needed there.'],
  ROLE_MISSING: ['info', 'Publish the same version of the module in the destination if the role is needed there.'],

  PROCESS_DEFINITION_MISSING: [
    'warning',
    'Publish the same version of the module in the destination if these instances are needed there.',
  ],
  PROCESS_TREES_LEFT_BEHIND: [
    'warning',
    'Publish the same version of the modules in the destination if these instances are needed there.',
  ],
  PROCESS_VALUE_UNMAPPED: [
    'warning',
    'Widen the scope to the entity, if the values matter: they are emptied otherwise.',
  ],
  PROCESS_STATUS_MISSING: ['blocking', 'Check that both environments run the same platform version.'],
  PROCESSES_KEPT: [
    'warning',
    "Set processes.migrate to true: the destination's instances keep identifiers of rows that are deleted.",
  ],
  EVENTS_WAITING: ['info', 'Nothing: they are processed before the applications are disabled.'],
  EVENT_TABLE_MISSING: [
    'warning',
    'Publish the same version of the modules in the destination, so that the entity raises events for processes there too.',
  ],
  SUBSCRIPTIONS_DROPPED: [
    'warning',
    'Widen the scope to the entity, or match its rows (producers: matchOnly, and match of the entity): nothing else wakes these activities.',
  ],
  TIMERS_OVERDUE: ['info', 'Set timers to shift if they must not run as soon as the applications are enabled.'],

  RIGHTS_LIMITED: [
    'warning',
    'Give the destination login ALTER on these tables if source keys shall be kept and identities reserved.',
  ],
  RIGHTS_MISSING: ['blocking', 'Give the destination login INSERT, UPDATE, DELETE and SELECT on these tables.'],
  RIGHTS_NO_PROCESSES: [
    'warning',
    'Give the destination login the right to write the OSSYS_BPM tables if process instances shall move.',
  ],
  RIGHTS_NO_USERS: [
    'warning',
    'Give the destination login the right to write OSSYS_USER if missing users shall be created.',
  ],
  RIGHTS_EVENT_TABLE: [
    'blocking',
    'Give the destination login SELECT, INSERT and DELETE on the event table, exclude the entity, or set entities.<Espace.Entity>.events to queue: its subscriptions then queue events that start processes when the applications are enabled.',
  ],
  RIGHTS_EVENTS_QUEUED: [
    'warning',
    'Give the destination login SELECT, INSERT and DELETE on the event table; else look after the events in Service Center before the applications are enabled.',
  ],
  RIGHTS_SUBSCRIPTIONS: [
    'warning',
    'Give the source login SELECT, and the destination login SELECT, INSERT and DELETE on the event table, if activities that wait for its events shall be woken by them.',
  ],
  RIGHTS_QUEUES: [
    'warning',
    'Give the destination login DELETE on OSSYS_BPM_EVENT and OSSYS_BPM_EVENT_QUEUE, so that events which the load causes are removed.',
  ],
  RIGHTS_UNREADABLE: ['blocking', 'Give the destination login SELECT on these tables.'],
  RIGHTS_TIMERS: [
    'warning',
    'Give the destination login UPDATE on OSSYS_CYCLIC_JOB and OSSYS_CYCLIC_JOB_SHARED if overdue timers shall be shifted.',
  ],
  RIGHTS_STATE_MODULE: [
    'blocking',
    'Give the destination login SELECT, INSERT, UPDATE and DELETE on the table of the entity.',
  ],
  STATE_MODULE: [
    'blocking',
    'Publish the module with the entities, attributes and unique indexes of docs/state-module.md, or set state: { schema: refresh }.',
  ],
  STATE_SCHEMA_OUTDATED: [
    'blocking',
    'End or recover what is open with the version that made the schema and keep the reports you need; then drop its tables, or name another schema in `state` of the destination. Where the login makes no tables, let one that may start a refresh once.',
  ],
  STATE_MODULE_MOVES: ['blocking', 'Leave the module that holds the state out of the scope of the request.'],
  RIGHTS_STATE_SCHEMA: [
    'blocking',
    'Give the destination login CREATE TABLE and ALTER on the schema or let a login with these rights start a refresh once (the tables stay).',
  ],
  PLATFORM_DIFFERS: ['warning', 'Compare the platform versions: columns that only one side has are not carried.'],
} as const satisfies Record<string, readonly [Severity, string]>;

export type FindingCode = keyof typeof findingCatalogue;

/** A finding of the catalogue about one subject; the severity where it is not the usual one. */
export function finding(code: FindingCode, subject: string, message: string, severity?: Severity): Finding {
  const [usual, remedy] = findingCatalogue[code];
  return { code, severity: severity ?? usual, subject, message, remedy };
}

/** Throws BadInputError (PLAN_BLOCKED) naming every blocking finding; does nothing for a plan that can run. */
export function assertRunnable(plan: Pick<RefreshPlan, 'findings'>): void {
  const blocking = plan.findings.filter((each) => each.severity === 'blocking');
  if (blocking.length === 0) return;
  const problems = blocking.map((each) => `${each.code} ${each.subject}: ${each.message} ${each.remedy}`);
  throw new BadInputError(
    'PLAN_BLOCKED',
    `The plan cannot run, for ${blocking.length === 1 ? 'a reason' : `${blocking.length} reasons`}:\n${problems.map((each) => `  - ${each}`).join('\n')}`,
    'Do what each line says, then plan again.',
    problems,
  );
}

/** Binds an approval to the warnings that were shown: by code and subject, since counts move. Empty without warnings. */
export function warningsHash(plan: Pick<RefreshPlan, 'findings'>): string {
  const warnings = plan.findings
    .filter((each) => each.severity === 'warning')
    .map((each) => `${each.code} ${each.subject}`);
  return warnings.length === 0 ? '' : canonicalHash([...new Set(warnings)].sort());
}
