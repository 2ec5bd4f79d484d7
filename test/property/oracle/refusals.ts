/** Why a plan may refuse a request, as the model and the data alone tell. */
import type { OracleReading, OracleRow } from '../../../sandbox/factories/oracle.js';
import { stayingInstances } from './checkProcesses.js';
import { stayingRows } from './checkRows.js';
import { Deletions } from './deletions.js';
import { isNullIdentifier, people, type Images, type Refusal } from './images.js';
import { keyFindings } from './keys.js';

/** Codes whose findings are foreseen with their subjects; of the others only whether the environments give a reason. */
const foreseen = new Set([
  'DELETION_CHAIN',
  'DELETION_KEEPS_TENANTS',
  'DELETION_LEAVES_DANGLING',
  'DELETION_OUTSIDE_SCOPE',
  'DELETION_REFUSED_BY_KEPT',
  'DELETION_TEARS_TREES',
  'KEY_CONFLICT',
  'KEY_NOT_PRESERVABLE',
  'RIGHTS_EVENT_TABLE',
  'SCOPE_PRODUCER_REFUSED',
]);

/** Where the plan's findings of the foreseen codes are not those that the environments give a reason for. */
export function compareForeseen(
  findings: readonly { readonly code: string; readonly subject: string }[],
  images: Images,
  before: OracleReading,
): string[] {
  const { scope } = images;
  const deletions = new Deletions(images, before);
  const expected = new Set([
    ...deletions.findings(),
    ...keyFindings(images, before, deletions),
    ...[...scope.moved]
      .filter((path) => raisesEvents(path, images, before))
      .map((path) => `RIGHTS_EVENT_TABLE ${path}`),
    ...scope.refusedProducers.map((path) => `SCOPE_PRODUCER_REFUSED ${path}`),
  ]);
  // A column that was made again in the destination is numbered there.
  const found = new Set(
    findings.filter((each) => foreseen.has(each.code)).map((each) => `${each.code} ${each.subject.replace(/_1$/, '')}`),
  );
  return [
    ...[...expected].filter((each) => !found.has(each)).map((each) => `the plan does not find: ${each}`),
    ...[...found].filter((each) => !expected.has(each)).map((each) => `the plan finds without reason: ${each}`),
  ];
}

/** What else the plan has to refuse, whatever it refuses. */
export function neededRefusals(images: Images, before: OracleReading): string[] {
  return [
    ...images.userMap.problems,
    ...(images.users.isAmbiguous ? ['USERS_AMBIGUOUS'] : []),
    ...(refersToDeletedUsers(images, before) ? ['USERS_RECREATE_REFERRED'] : []),
  ];
}

/**
 * Whether the environments give a reason for a blocking finding. A code that is not listed is never justified.
 * @param subject of the finding
 */
export function isJustified(
  { code, subject }: { readonly code: string; readonly subject: string },
  images: Images,
  before: OracleReading,
): boolean {
  if (foreseen.has(code) || images.userMap.problems.has(code)) return true;
  const { scope } = images;
  const { options } = scope;
  const ofRows = scope.moved.has(entityOf(subject));
  const refuses = (kind: Refusal['kind']): boolean =>
    images.refusals.some((each) => each.kind === kind && each.place === subject);
  switch (code) {
    case 'REFERENCE_UNMAPPED':
    case 'STATIC_RECORD_MISSING_IN_USE':
      return ofRows ? refuses('unmapped') : missesPeople(images);
    case 'USERS_UNMATCHED_REFUSED':
      return (
        options.unmapped === 'fail' &&
        (missesPeople(images) || missesSomeOfAll(images) || images.refusals.some((each) => each.kind === 'unmapped'))
      );
    case 'ORPHANS_REFUSED':
      return ofRows ? refuses('orphan') : options.orphans === 'fail' && namesOrphans(images);
    case 'TENANT_MISSING':
      return (
        options.tenants !== 'exclude' &&
        images.production.directory.tenants.some((each) => !before.directory.tenants.includes(each))
      );
    case 'UNIQUE_CONFLICT':
      return staysBesideLoaded(entityOf(subject), images, before);
    case 'USERS_AMBIGUOUS':
      return images.users.isAmbiguous;
    case 'USERS_RECREATE_REFERRED':
      return refersToDeletedUsers(images, before);
    case 'GRAPH_CYCLE':
      return hasHardCycle(images);
    default:
      return false;
  }
}

/** 'Espace.Entity' of 'Espace.Entity.Attribute' or 'Espace.Entity.Index'. */
function entityOf(subject: string): string {
  return subject.split('.').slice(0, 2).join('.');
}

/** Rows that are loaded may be alike to others: to those kept, or of a tenant that only the destination has. */
function staysBesideLoaded(path: string, images: Images, before: OracleReading): boolean {
  return images.scope.moved.has(path) && stayingRows(images, path, before).length > 0;
}

/** All users were asked for, and one of a tenant that the destination has is missing there. */
function missesSomeOfAll(images: Images): boolean {
  return (
    images.scope.options.users.scope === 'all' && [...images.chosen].some((marker) => images.user(marker) === null)
  );
}

/** Somebody whom processes name has no image. */
function missesPeople(images: Images): boolean {
  return movedInstances(images).some(
    (row) =>
      people.some((name) => row[name] != null && images.user(String(row[name])) === null) ||
      (row['GROUP_ID'] != null && images.group(String(row['GROUP_ID'])) === null) ||
      Object.values(row).some((value) => value !== null && typeof value === 'object' && images.target(value) === null),
  );
}

/** A value of a process names what production lacks too. */
function namesOrphans(images: Images): boolean {
  return movedInstances(images).some((row) =>
    Object.values(row).some(
      (value) => value !== null && typeof value === 'object' && !isNullIdentifier(value) && images.isOrphan(value),
    ),
  );
}

function movedInstances({ processes, production }: Images): OracleRow[] {
  return [
    ...[...production.processes].filter(([label]) => processes.has(label)).map(([, row]) => row),
    ...[...production.activities.values()].filter((row) => processes.has(String(row['PROCESS_ID']))),
  ];
}

/** Primary keys that are references, in a circle. */
function hasHardCycle({ scope }: Images): boolean {
  return [...scope.moved].some((path) => {
    const { primaryKey } = scope.entity(path);
    return scope
      .references(path)
      .some((each) => each.attribute.name === primaryKey && scope.mayBeSetLater(path, each.to));
  });
}

/** A row that stays refers to a user whom the mode recreate would delete. */
function refersToDeletedUsers(images: Images, before: OracleReading): boolean {
  const { gone } = images.users;
  if (gone.size === 0) return false;
  const instances = stayingInstances(images, before);
  const referring = [
    ...[...before.entities.keys()].flatMap((path) => stayingRows(images, path, before)),
    ...instances.processes,
    ...instances.activities,
  ];
  return referring.some(([, row]) =>
    Object.entries(row).some(([name, value]) =>
      value !== null && typeof value === 'object'
        ? value.to === user && value.marker !== undefined && gone.has(value.marker)
        : people.includes(name) && value !== null && gone.has(value),
    ),
  );
}

const user = 'ServiceCenter.User';

/** Somebody listens to an entity whose events the login can neither silence nor is told to let be queued. */
function raisesEvents(path: string, { scope }: Images, before: OracleReading): boolean {
  return (
    scope.writesApplicationsOnly &&
    scope.optionsOf(path).events === 'refuse' &&
    (before.subscriptions.get(path) ?? []).length > 0
  );
}
