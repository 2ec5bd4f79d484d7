/** Nothing but what the request moves may change: all other tables are compared byte for byte. */
import { touchedTables, type RawTables } from '../rawTables.js';
import { Deletions } from './deletions.js';
import type { Images } from './images.js';

const directory = ['OSSYS_USER', 'OSSYS_GROUP', 'OSSYS_USER_ROLE', 'OSSYS_GROUP_ROLE', 'OSSYS_GROUP_USER'];
const instances = [
  'OSSYS_BPM_PROCESS',
  'OSSYS_BPM_ACTIVITY',
  'OSSYS_BPM_PROCESS_INPUT',
  'OSSYS_BPM_PROCESS_OUTPUT',
  'OSSYS_BPM_ACTIVITY_OUTPUT',
];

const queues = ['OSSYS_BPM_EVENT', 'OSSYS_BPM_EVENT_QUEUE'];

/** @param tables physical tables of the destination, by 'Module.Entity' */
export function checkTouched(
  images: Images,
  tables: Readonly<Record<string, string>>,
  before: RawTables,
  after: RawTables,
): string[] {
  const { scope } = images;
  const written = new Set<string>();
  for (const path of scope.moved) {
    const table = tables[path] ?? '';
    written.add(table.toUpperCase());
    if (!scope.writesApplicationsOnly) written.add(table.replace(/^OSUSR_/, 'OSEVT_').toUpperCase());
  }
  if (scope.options.users.mode !== 'matchOnly') for (const table of directory) written.add(table);
  if (scope.options.processes.migrate && scope.modules.size > 0) for (const table of instances) written.add(table);
  // Activities wait for events of any entity: checkSubscriptions() says of each row whether it ought to be there.
  if (scope.options.processes.migrate && scope.modules.size > 0)
    for (const table of before.keys()) if (table.toUpperCase().startsWith('OSEVT_')) written.add(table.toUpperCase());
  if (scope.writesApplicationsOnly) for (const table of queues) written.add(table);
  const consumers = consumersOf(images, tables);
  for (const table of consumers.keys()) written.add(table.toUpperCase());
  return [
    ...touchedTables(before, after, (table) => written.has(table.toUpperCase())),
    ...['OSSYS_USER_ROLE', 'OSSYS_GROUP_ROLE', 'OSSYS_GROUP_USER'].flatMap((table) =>
      doubledLinks(table, before, after),
    ),
    ...queues.flatMap((table) => eventsGone(table, before, after)),
    ...[...consumers].flatMap(([table, columns]) => checkConsumer(table, columns, before, after)),
  ];
}

/** A membership that is there twice and was not before. */
function doubledLinks(table: string, before: RawTables, after: RawTables): string[] {
  const pairs = (tables: RawTables): string[] =>
    (tables.get(table) ?? []).map((row) => {
      const { ID: _id, TENANT_ID: _tenant, ...pair } = JSON.parse(row) as Record<string, unknown>;
      return JSON.stringify(pair);
    });
  const doubled = (list: readonly string[]): string[] => list.filter((each, at) => list.indexOf(each) !== at);
  const known = doubled(pairs(before));
  return doubled(pairs(after))
    .filter((each) => !known.includes(each))
    .map((each) => `${table} has ${each} twice`);
}

/** Events that waited in a queue are not taken out of it, whatever a login that cannot silence triggers adds. */
function eventsGone(table: string, before: RawTables, after: RawTables): string[] {
  const gone = (before.get(table) ?? []).filter((row) => !(after.get(table) ?? []).includes(row));
  return gone.map((row) => `${table} lacks the event ${row}`);
}

/** Tables outside the scope whose rows a foreign key ties to rows that are deleted, with the columns that tie them. */
function consumersOf(images: Images, tables: Readonly<Record<string, string>>): Map<string, readonly string[]> {
  const { scope } = images;
  const deletions = new Deletions(images, images.before);
  const found = new Map<string, readonly string[]>();
  for (const { path, item } of scope.destination.entities) {
    if (scope.moved.has(path) || !item.active || item.systemTable !== undefined) continue;
    const names = item.attributes
      .filter(
        (each) =>
          each.active &&
          each.type.kind === 'reference' &&
          each.deleteRule !== 'Ignore' &&
          // Where some of its rows stay, nothing outside the scope may go with the others: the plan would refuse.
          deletions.goesWhole(each.type.to),
      )
      .map((each) => each.name.toUpperCase());
    const table = tables[path];
    if (names.length > 0 && table !== undefined) found.set(table, names);
  }
  return found;
}

function checkConsumer(table: string, columns: readonly string[], before: RawTables, after: RawTables): string[] {
  const tied = (row: string): boolean =>
    Object.entries(JSON.parse(row) as Record<string, unknown>).some(
      ([name, value]) => value !== null && columns.includes(name.toUpperCase().replace(/_1$/, '')),
    );
  const expected = (before.get(table) ?? []).filter((row) => !tied(row));
  const found = after.get(table) ?? [];
  return expected.join('\n') === found.join('\n')
    ? []
    : [`${table}, outside the scope: ${found.length} rows instead of ${expected.length}`];
}
