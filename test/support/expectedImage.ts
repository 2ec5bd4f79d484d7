/**
 * What a refresh with the default rules must leave, told from the model of the sample and from what the oracle read of
 * both environments before: no knowledge of plan, key map or verification of the product.
 */
import type { EntityModel, FactoryModel, ModuleModel, Path } from '../../sandbox/factories/model.js';
import type { OracleReading, OracleReference, OracleRow, OracleValue } from '../../sandbox/factories/oracle.js';

/** A reading as sorted texts by subject: two of them are equal if the environments hold the same, doubled rows included. */
export type Image = Readonly<Record<string, readonly string[]>>;

type Rows = ReadonlyMap<string, OracleRow>;

/** What moves when an application is refreshed: its entities, the entities they refer to, its processes. */
export interface MovedScope {
  /** Keys of the espaces whose processes move. */
  readonly espaceKeys: ReadonlySet<string>;
  /** Entities in and out of the application whose rows move; never statics and system entities. */
  readonly entities: ReadonlySet<Path>;
}

export function scopeOfApplication(model: FactoryModel, application: string): MovedScope {
  const named = model.applications.find((each) => each.active && each.name === application)?.modules ?? [];
  const modules = model.modules.filter((module) => module.active && named.includes(module.name));
  const entities = new Set<Path>();
  const visit = (module: ModuleModel, entity: EntityModel): void => {
    const path = `${module.name}.${entity.name}`;
    if (!entity.active || entity.kind !== 'entity' || entity.systemTable !== undefined || entities.has(path)) return;
    entities.add(path);
    for (const { active, type } of entity.attributes) {
      if (!active || type.kind !== 'reference') continue;
      const [espace, name] = type.to.split('.');
      const target = model.modules.find((each) => each.active && each.name === espace);
      const referred = target?.entities.find((each) => each.active && each.name === name);
      if (target !== undefined && referred !== undefined) visit(target, referred);
    }
  };
  for (const module of modules) for (const entity of module.entities) visit(module, entity);
  return { espaceKeys: new Set(modules.map((module) => module.key)), entities };
}

/** The reading itself; rows of entities outside the scope are left to a comparison of the raw tables. */
export function imageOf(reading: OracleReading, scope: MovedScope): Image {
  return {
    ...Object.fromEntries([...scope.entities].map((path) => [path, linesOf(reading.entities.get(path))])),
    processes: linesOf(reading.processes),
    activities: linesOf(reading.activities),
    users: linesOf(reading.directory.users),
    groups: reading.directory.groups,
    // An inactive user may have the login of an active one: the two are one here.
    userRoles: union(reading.directory.userRoles, []),
    groupRoles: union(reading.directory.groupRoles, []),
    groupUsers: union(reading.directory.groupUsers, []),
    ...Object.fromEntries([...reading.subscriptions].map(([path, rows]) => [`subscriptions of ${path}`, rows])),
  };
}

/** What the destination must hold after a refresh of the scope. */
export function expectedImage(
  model: FactoryModel,
  scope: MovedScope,
  source: OracleReading,
  before: OracleReading,
): Image {
  const moved = movedInstances(model, scope, source, before);
  const entities = [...scope.entities].map((path) => {
    const rows = [...(source.entities.get(path) ?? [])].map(([marker, row]) => [marker, rowImage(model, row)] as const);
    return [path, linesOf(new Map(rows))] as const;
  });
  const rows = entities.flatMap(([, lines]) => lines);
  return {
    ...Object.fromEntries(entities),
    ...moved.lines,
    ...directoryImage(source, before, [...rows, ...moved.lines.processes, ...moved.lines.activities]),
    ...Object.fromEntries(
      [...source.subscriptions].map(([path, listening]) => [
        `subscriptions of ${path}`,
        [
          ...(before.subscriptions.get(path) ?? []).filter((row) => activityOf(row) === null),
          ...listening.filter((row) => moved.activities.has(activityOf(row) ?? '')),
        ].sort(),
      ]),
    ),
  };
}

/** Identifiers that lead nowhere become null; null identifiers (0 and '') stay; deleted static records are nowhere. */
function rowImage(model: FactoryModel, row: OracleRow): OracleRow {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, isReference(value) ? referenceImage(model, value) : value]),
  );
}

function referenceImage(model: FactoryModel, value: OracleReference): OracleValue {
  if (value.missing !== undefined) return value.missing === '0' || value.missing === '' ? value : null;
  const deleted = model.modules
    .filter((module) => module.active)
    .flatMap((module) => module.entities.map((entity) => ({ path: `${module.name}.${entity.name}`, entity })))
    .filter(({ path, entity }) => path === value.to && entity.active)
    .some(({ entity }) => entity.records.some((record) => !record.active && record.key === value.marker));
  return deleted ? null : value;
}

function isReference(value: OracleValue): value is OracleReference {
  return value !== null && typeof value === 'object';
}

interface MovedInstances {
  readonly lines: { readonly processes: readonly string[]; readonly activities: readonly string[] };
  /** Markers of the activities that move. */
  readonly activities: ReadonlySet<string>;
}

/**
 * Instances of the scope's processes come from the source unless their definition was deleted; the destination's own
 * go. Instances of other processes stay as they are. What runs, waits for a retry or is due in production does not so
 * in the destination (processes.nextRun: hold).
 */
function movedInstances(
  model: FactoryModel,
  scope: MovedScope,
  source: OracleReading,
  before: OracleReading,
): MovedInstances {
  const definitions = model.modules
    .filter((module) => scope.espaceKeys.has(module.key))
    .flatMap((module) => module.processes.filter(({ active }) => active).map((each) => `${module.key}*${each.key}`));
  const espaceOf = (row: OracleRow, column: string): string => String(row[column]).split('*')[0] ?? '';
  const definitionOf = (row: OracleRow, column: string): string => String(row[column]).split('*').slice(0, 2).join('*');
  const select = (
    column: string,
    from: Rows,
    old: Rows,
    image: (row: OracleRow) => OracleRow,
  ): [string, OracleRow][] => [
    ...[...from]
      .filter(([, row]) => definitions.includes(definitionOf(row, column)))
      .map(([k, row]): [string, OracleRow] => [k, image(row)]),
    ...[...old].filter(([, row]) => !scope.espaceKeys.has(espaceOf(row, column))),
  ];
  const still = (row: OracleRow): OracleRow => ({
    ...rowImage(model, row),
    NEXT_RUN: nullDate,
    IS_RUNNING_SINCE: nullDate,
    IS_RUNNING_AT: '',
    ERROR_COUNT: '0',
    LAST_ERROR_ID: '',
  });
  const processes = select('PROCESS_DEF_ID', source.processes, before.processes, (row) => rowImage(model, row));
  const activities = select('ACTIVITY_DEF_ID', source.activities, before.activities, still);
  return {
    lines: { processes: sortedLines(processes), activities: sortedLines(activities) },
    activities: new Set(
      [...source.activities]
        .filter(([, row]) => definitions.includes(definitionOf(row, 'ACTIVITY_DEF_ID')))
        .map(([marker]) => withoutNumber(marker)),
    ),
  };
}

const nullDate = '1900-01-01 00:00:00.000';

/**
 * Users are matched by tenant and login whatever its case; those that moved rows refer to and that are missing are
 * created as they are in the source. Nobody of the destination goes or changes. Groups come with their members, and
 * what users and groups may do is added.
 */
function directoryImage(source: OracleReading, before: OracleReading, movedLines: readonly string[]): Image {
  const { users: own } = before.directory;
  const created = [...source.directory.users].filter(
    ([marker]) => !own.has(marker) && movedLines.some((line) => line.includes(JSON.stringify(marker))),
  );
  const known = new Set([...own.keys(), ...created.map(([marker]) => marker)]);
  const groups = union(before.directory.groups, source.directory.groups);
  const linked = (links: readonly string[], left: ReadonlySet<string>, right: ReadonlySet<string> | null): string[] =>
    links.filter((link) => {
      const [a = '', b = ''] = link.split(' -> ');
      return left.has(a) && (right === null || right.has(b));
    });
  const allGroups = new Set(groups);
  return {
    users: linesOf(new Map([...own, ...created])),
    groups,
    userRoles: union(before.directory.userRoles, linked(source.directory.userRoles, known, null)),
    groupRoles: union(before.directory.groupRoles, linked(source.directory.groupRoles, allGroups, null)),
    groupUsers: union(before.directory.groupUsers, linked(source.directory.groupUsers, allGroups, known)),
  };
}

function union(some: readonly string[], more: readonly string[]): string[] {
  return [...new Set([...some, ...more])].sort();
}

function activityOf(subscription: string): string | null {
  return (JSON.parse(subscription) as { readonly activity: string | null }).activity;
}

function linesOf(rows: Rows | undefined): string[] {
  return sortedLines([...(rows ?? [])]);
}

/** The oracle numbers what has one marker in the order that it meets it, which is no property of the data. */
function sortedLines(rows: readonly (readonly [string, OracleRow])[]): string[] {
  return rows
    .map(([marker, row]) =>
      JSON.stringify([withoutNumber(marker), ...Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1))]),
    )
    .sort();
}

function withoutNumber(marker: string): string {
  return marker.replace(/#\d+$/, '');
}
