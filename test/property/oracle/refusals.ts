/** Why a plan may refuse a request, as the model and the data alone tell. */
import type { OracleReading, OracleRow } from '../../../sandbox/factories/oracle.js';
import { stayingInstances } from './checkProcesses.js';
import { stayingRows } from './checkRows.js';
import { isNullIdentifier, people, type Images } from './images.js';

/** What the plan has to refuse, whatever else it refuses. */
export function neededRefusals(images: Images, before: OracleReading): string[] {
  return [
    ...images.userMap.problems,
    ...(images.users.isAmbiguous ? ['USERS_AMBIGUOUS'] : []),
    ...(refersToDeletedUsers(images, before) ? ['USERS_RECREATE_REFERRED'] : []),
    ...([...images.scope.moved].some((path) => raisesEvents(path, images, before)) ? ['RIGHTS_EVENT_TABLE'] : []),
  ];
}

/**
 * Whether the environments give a reason for a blocking finding. A code that is not listed is never justified.
 * @param subject of the finding
 */
export function isJustified(code: string, subject: string, images: Images, before: OracleReading): boolean {
  if (images.userMap.problems.has(code)) return true;
  const { scope } = images;
  const { options } = scope;
  const keptSome = [...scope.moved].some(
    (path) => scope.dataOf(path) === 'keep' || scope.circumstances.keepsRows.includes(path),
  );
  const deletedSome = [...scope.moved].some((path) => scope.dataOf(path) === 'deleteFirst');
  switch (code) {
    case 'REFERENCE_UNMAPPED':
    case 'STATIC_RECORD_MISSING_IN_USE':
      return images.refusals.some((each) => each.kind === 'unmapped') || missesPeople(images);
    case 'USERS_UNMATCHED_REFUSED':
      return (
        options.unmapped === 'fail' &&
        (missesPeople(images) || missesSomeOfAll(images) || images.refusals.some((each) => each.kind === 'unmapped'))
      );
    case 'ORPHANS_REFUSED':
      return (
        images.refusals.some((each) => each.kind === 'orphan') || (options.orphans === 'fail' && namesOrphans(images))
      );
    case 'TENANT_MISSING':
      return (
        options.tenants !== 'exclude' &&
        images.production.directory.tenants.some((each) => !before.directory.tenants.includes(each))
      );
    case 'SCOPE_PRODUCER_REFUSED':
      return options.producers === 'refuse';
    case 'KEY_CONFLICT':
      return scope.moved.has(subject) && scope.dataOf(subject) === 'keep' && !scope.matches(subject);
    case 'UNIQUE_CONFLICT':
      return staysBesideLoaded(entityOfIndex(subject), images, before);
    case 'KEY_NOT_PRESERVABLE':
      return options.keys === 'preserve';
    case 'DELETION_REFUSED_BY_KEPT':
      return (keptSome || keepsTenants(images, before)) && deletedSome;
    case 'DELETION_CHAIN':
      return deletedSome && hasEnforcedConsumer(images);
    case 'DELETION_TEARS_TREES':
      return options.destinationData === 'deleteFirst' && mixesTrees(images, before);
    case 'USERS_AMBIGUOUS':
      return images.users.isAmbiguous;
    case 'USERS_RECREATE_REFERRED':
      return refersToDeletedUsers(images, before) || (images.users.gone.size > 0 && hasRemovedUserColumn(images));
    case 'RIGHTS_EVENT_TABLE':
      return scope.moved.has(subject) && raisesEvents(subject, images, before);
    case 'GRAPH_CYCLE':
      return hasHardCycle(images);
    default:
      return false;
  }
}

/** 'Espace.Entity' of 'Espace.Entity.Index'. */
function entityOfIndex(subject: string): string {
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

/** Rows of a tenant that is not refreshed stay. */
function keepsTenants({ scope, production }: Images, before: OracleReading): boolean {
  return (
    [...scope.moved].some((path) => scope.entity(path).multiTenant) &&
    before.directory.tenants.some((each) => !production.directory.tenants.includes(each))
  );
}

/** An entity that stays as it is has a foreign key to one whose rows are deleted. */
function hasEnforcedConsumer({ scope }: Images): boolean {
  return scope.destination.entities.some(
    ({ path, item }) =>
      !scope.moved.has(path) &&
      item.active &&
      item.attributes.some(
        (each) =>
          each.active &&
          each.type.kind === 'reference' &&
          each.deleteRule !== 'Ignore' &&
          (scope.moved.has(each.type.to) || each.type.to === 'ServiceCenter.Process'),
      ),
  );
}

/** A tree of the destination has instances of modules in the scope and of others. */
function mixesTrees({ scope }: Images, before: OracleReading): boolean {
  return [...before.processes].some(([label, row]) => {
    const own = scope.moduleOfDefinition(String(row['PROCESS_DEF_ID']));
    return scope.modules.has(own) !== scope.modules.has(scope.moduleOfTree(before, label));
  });
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

/** A column of an attribute or an entity that is no longer published may refer to users; readings do not show it. */
function hasRemovedUserColumn({ scope }: Images): boolean {
  return scope.destination.entities.some(({ item }) =>
    item.attributes.some(
      (each) => !(each.active && item.active) && each.type.kind === 'reference' && each.type.to === user,
    ),
  );
}

/** Somebody listens to an entity whose events the login can neither silence nor is told to let be queued. */
function raisesEvents(path: string, { scope }: Images, before: OracleReading): boolean {
  return (
    scope.writesApplicationsOnly &&
    scope.optionsOf(path).events === 'refuse' &&
    (before.subscriptions.get(path) ?? []).length > 0
  );
}
