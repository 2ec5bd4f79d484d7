import type { ReadDatabase, SqlRow } from '../sqlserver/readDatabase.js';
import {
  foldKey,
  type Application,
  type Definition,
  type Factory,
  type Module,
  type PhysicalTable,
  type Solution,
  type Status,
} from './factory.js';
import { groupBy } from './groupBy.js';
import { moduleRef, moduleRefOf } from './moduleRef.js';
import { readEntities } from './readEntities.js';
import { readPlatformTables, type PlatformRows } from './platformTables.js';
import { readTables } from './readTables.js';
import { flag, integer, text } from './rowValues.js';

/**
 * Reads one environment's metamodel and catalogue, in about thirty statements whatever its size.
 * Throws BadInputError if a table or column that the platform always has is missing.
 */
export async function readFactory(db: ReadDatabase, environment: string): Promise<Factory> {
  const own = await readTables(db, null);
  const rows = await readPlatformTables(db, own, environment);
  const modules = readModules(rows);
  const catalogues = await readCatalogues(db, rows);
  const tables: Record<string, PhysicalTable> = { ...own };
  for (const catalogue of new Set(catalogues.values())) Object.assign(tables, await readTables(db, catalogue));
  const { entities, tombstones } = readEntities(rows, modules, catalogues, tables);
  return {
    applications: readApplications(rows),
    solutions: readSolutions(rows),
    modules,
    entities,
    tombstones,
    staticRecords: rows.OSSYS_ENTITY_RECORD.map((row) => ({
      dataId: text(row, 'DATA_ID'),
      name: text(row, 'NAME'),
      key: foldKey(text(row, 'SS_KEY')),
      entityKey: foldKey(text(row, 'ENTITY_SS_KEY')),
      espaceId: integer(row, 'ESPACE_ID'),
      active: flag(row, 'IS_ACTIVE'),
    })),
    tenants: rows.OSSYS_TENANT.map((row) => ({
      id: integer(row, 'ID'),
      name: text(row, 'NAME'),
      providerKey: espaceKey(modules, integer(row, 'ESPACE_ID')),
      active: flag(row, 'IS_ACTIVE'),
    })),
    roles: rows.OSSYS_ROLE.map((row) => ({
      id: integer(row, 'ID'),
      key: foldKey(text(row, 'SS_KEY')),
      name: text(row, 'NAME'),
      espaceKey: espaceKey(modules, integer(row, 'ESPACE_ID')),
      active: flag(row, 'IS_ACTIVE'),
    })),
    processes: {
      definitions: definitions(rows.OSSYS_BPM_PROCESS_DEFINITION, 'ESPACE_ID'),
      inputs: definitions(rows.OSSYS_BPM_PROCESS_INPUT_DEF, 'PROCESS_DEF_ID'),
      outputs: definitions(rows.OSSYS_BPM_PROCESS_OUTPUT_DEF, 'PROCESS_DEF_ID'),
      activities: definitions(rows.OSSYS_BPM_ACTIVITY_DEFINITION, 'PROCESS_DEF_ID'),
      activityOutputs: definitions(rows.OSSYS_BPM_ACTIVITY_OUTPUT_DEF, 'ACTIVITY_DEF_ID'),
      processStatuses: statuses(rows.OSSYS_BPM_PROCESS_STATUS),
      activityStatuses: statuses(rows.OSSYS_BPM_ACTIVITY_STATUS),
    },
    tables,
  };
}

/** The espace's SS_Key, or '' for an id that leads nowhere. */
export function espaceKey(modules: readonly Module[], id: number): string {
  return modules.find((module) => module.kind === 'espace' && module.id === id)?.key ?? '';
}

function readModules(rows: PlatformRows): Module[] {
  const of = (kind: Module['kind']) => (row: SqlRow) => ({
    ref: moduleRef(kind, integer(row, 'ID')),
    kind,
    id: integer(row, 'ID'),
    key: foldKey(text(row, 'SS_KEY')),
    name: text(row, 'NAME'),
    active: flag(row, 'IS_ACTIVE'),
    system: flag(row, 'IS_SYSTEM'),
  });
  return [...rows.OSSYS_ESPACE.map(of('espace')), ...rows.OSSYS_EXTENSION.map(of('extension'))];
}

function readApplications(rows: PlatformRows): Application[] {
  const refs = new Map(rows.OSSYS_MODULE.map((row) => [integer(row, 'ID'), moduleRefOf(row)]));
  const modules = groupBy(rows.OSSYS_APP_DEFINITION_MODULE, (row) => integer(row, 'APPLICATION_ID'));
  return rows.OSSYS_APPLICATION.map((row) => ({
    id: integer(row, 'ID'),
    key: foldKey(text(row, 'KEY')),
    name: text(row, 'NAME'),
    active: flag(row, 'IS_ACTIVE'),
    modules: (modules.get(integer(row, 'ID')) ?? []).flatMap((each) => refs.get(integer(each, 'MODULE_ID')) ?? []),
  }));
}

function readSolutions(rows: PlatformRows): Solution[] {
  const modules = groupBy(rows.OSSYS_SOLUTION_REFERENCE, (row) => integer(row, 'SOLUTION_ID'));
  return rows.OSSYS_SOLUTION.map((row) => ({
    id: integer(row, 'ID'),
    name: text(row, 'NAME'),
    active: row['IS_ACTIVE'] == null || flag(row, 'IS_ACTIVE'),
    modules: (modules.get(integer(row, 'ID')) ?? []).flatMap((each) => moduleRefOf(each) ?? []),
  }));
}

function definitions(rows: readonly SqlRow[], parent: string): Definition[] {
  return rows.map((row) => ({
    id: integer(row, 'ID'),
    key: foldKey(text(row, 'SS_KEY')),
    name: text(row, 'NAME'),
    active: flag(row, 'IS_ACTIVE'),
    parentId: integer(row, parent),
  }));
}

function statuses(rows: readonly SqlRow[]): Status[] {
  return rows.map((row) => ({ id: integer(row, 'ID'), name: text(row, 'NAME'), terminal: flag(row, 'IS_TERMINAL') }));
}

/**
 * Module id → database that holds its tables, for espaces of another catalogue. '(Main)' is the platform database. A
 * catalogue is taken only if a database of its name exists; the tables themselves are confirmed later.
 */
async function readCatalogues(db: ReadDatabase, rows: PlatformRows): Promise<Map<string, string>> {
  const names = new Map(rows.OSSYS_DBCATALOG.map((row) => [integer(row, 'ID'), text(row, 'NAME')]));
  const used = new Map<string, string>();
  for (const row of rows.OSSYS_ESPACE) {
    const name = names.get(integer(row, 'DBCATALOG_ID'));
    if (name !== undefined && name !== '' && name !== '(Main)') used.set(moduleRef('espace', integer(row, 'ID')), name);
  }
  if (used.size === 0) return used;
  const databases = new Map(
    (await db.query('SELECT name FROM sys.databases')).map((row) => [
      text(row, 'name').toLowerCase(),
      text(row, 'name'),
    ]),
  );
  const own = text((await db.query('SELECT DB_NAME() AS name'))[0] ?? {}, 'name').toLowerCase();
  for (const [ref, name] of used) {
    const database = databases.get(name.toLowerCase());
    if (database === undefined || database.toLowerCase() === own) used.delete(ref);
    else used.set(ref, database);
  }
  return used;
}
