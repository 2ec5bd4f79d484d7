import { BadInputError } from '../plan/badInput.js';
import { quoteName } from '../sqlserver/quoteName.js';
import type { ReadDatabase, SqlRow } from '../sqlserver/readDatabase.js';
import { ownTable, physicalColumn, tableKey, type PhysicalTable } from './factory.js';

interface PlatformTable {
  /** False: some versions lack it, or not every refresh needs it. */
  readonly required: boolean;
  readonly columns: readonly string[];
  /** Columns that some platform versions lack. */
  readonly optional?: readonly string[];
}

/** What is read of the metamodel, by name; a version may have more, or lack what is optional. */
const platformTables = {
  OSSYS_APPLICATION: { required: true, columns: ['ID', 'NAME', 'KEY', 'IS_ACTIVE'] },
  OSSYS_APP_DEFINITION_MODULE: { required: true, columns: ['APPLICATION_ID', 'MODULE_ID'] },
  OSSYS_MODULE: { required: true, columns: ['ID', 'ESPACE_ID'], optional: ['EXTENSION_ID'] },
  OSSYS_ESPACE: {
    required: true,
    columns: ['ID', 'NAME', 'SS_KEY', 'IS_ACTIVE'],
    optional: ['IS_SYSTEM', 'DBCATALOG_ID'],
  },
  OSSYS_EXTENSION: { required: false, columns: ['ID', 'NAME', 'SS_KEY', 'IS_ACTIVE'] },
  OSSYS_SOLUTION: { required: false, columns: ['ID', 'NAME'], optional: ['IS_ACTIVE'] },
  OSSYS_SOLUTION_REFERENCE: { required: false, columns: ['SOLUTION_ID', 'ESPACE_ID'], optional: ['EXTENSION_ID'] },
  OSSYS_DBCATALOG: { required: false, columns: ['ID', 'NAME'] },
  OSSYS_ENTITY: {
    required: true,
    columns: [
      'ID',
      'NAME',
      'PHYSICAL_TABLE_NAME',
      'ESPACE_ID',
      'SS_KEY',
      'PRIMARYKEY_SS_KEY',
      'IS_ACTIVE',
      'DATA_KIND',
      'EVENT_TABLE_NAME',
    ],
    optional: ['EXTENSION_ID', 'IS_SYSTEM', 'IS_EXTERNAL', 'EXPOSE_PROCESS_EVENTS'],
  },
  OSSYS_ENTITY_ATTR: {
    required: true,
    columns: [
      'ENTITY_ID',
      'NAME',
      'TYPE',
      'LENGTH',
      'DECIMALS',
      'IS_MANDATORY',
      'IS_AUTONUMBER',
      'DELETE_RULE',
      'SS_KEY',
      'IS_ACTIVE',
    ],
    optional: ['PHYSICAL_COLUMN_NAME', 'DATABASE_NAME', 'REFERENCED_ENTITY_ID'],
  },
  OSSYS_ENTITY_RECORD: {
    required: true,
    columns: ['DATA_ID', 'NAME', 'SS_KEY', 'ENTITY_SS_KEY', 'ESPACE_ID', 'IS_ACTIVE'],
  },
  OSSYS_TENANT: { required: true, columns: ['ID', 'NAME', 'ESPACE_ID', 'IS_ACTIVE'] },
  OSSYS_ROLE: { required: true, columns: ['ID', 'ESPACE_ID', 'SS_KEY', 'NAME', 'IS_ACTIVE'] },
  OSSYS_BPM_PROCESS_DEFINITION: { required: true, columns: ['ID', 'ESPACE_ID', 'NAME', 'SS_KEY', 'IS_ACTIVE'] },
  OSSYS_BPM_PROCESS_INPUT_DEF: { required: true, columns: ['ID', 'PROCESS_DEF_ID', 'NAME', 'SS_KEY', 'IS_ACTIVE'] },
  OSSYS_BPM_PROCESS_OUTPUT_DEF: { required: true, columns: ['ID', 'PROCESS_DEF_ID', 'NAME', 'SS_KEY', 'IS_ACTIVE'] },
  OSSYS_BPM_ACTIVITY_DEFINITION: { required: true, columns: ['ID', 'PROCESS_DEF_ID', 'NAME', 'SS_KEY', 'IS_ACTIVE'] },
  OSSYS_BPM_ACTIVITY_OUTPUT_DEF: { required: true, columns: ['ID', 'ACTIVITY_DEF_ID', 'NAME', 'SS_KEY', 'IS_ACTIVE'] },
  OSSYS_BPM_PROCESS_STATUS: { required: true, columns: ['ID', 'NAME', 'IS_TERMINAL'] },
  OSSYS_BPM_ACTIVITY_STATUS: { required: true, columns: ['ID', 'NAME', 'IS_TERMINAL'] },
  OSSYS_USER: { required: true, columns: ['ID', 'TENANT_ID', 'USERNAME'] },
} as const satisfies Record<string, PlatformTable>;

export type PlatformTableName = keyof typeof platformTables;
export type PlatformRows = Readonly<Record<PlatformTableName, readonly SqlRow[]>>;

/** Read in the survey where a plan needs their rows; here only checked. */
const surveyedOnly: readonly PlatformTableName[] = ['OSSYS_USER'];

/**
 * Reads the metamodel's tables by column name, after comparing with the catalogue what this platform version has.
 * Throws BadInputError (PLATFORM_TABLE_MISSING) naming every table and column that is missing.
 */
export async function readPlatformTables(
  db: ReadDatabase,
  tables: Readonly<Record<string, PhysicalTable>>,
  environment: string,
): Promise<PlatformRows> {
  const missing: string[] = [];
  const statements = new Map<PlatformTableName, string>();
  for (const [name, wanted] of Object.entries(platformTables) as [PlatformTableName, PlatformTable][]) {
    const table = tables[tableKey(ownTable(name))];
    if (table === undefined) {
      if (wanted.required) missing.push(`table ${name}`);
      continue;
    }
    for (const column of wanted.columns) {
      if (physicalColumn(table, column) === null) missing.push(`column ${name}.${column}`);
    }
    const optional = (wanted.optional ?? []).filter((column) => physicalColumn(table, column) !== null);
    statements.set(
      name,
      `SELECT ${[...wanted.columns, ...optional].map(quoteName).join(', ')} FROM dbo.${quoteName(name)}`,
    );
  }
  if (missing.length > 0) {
    throw new BadInputError(
      'PLATFORM_TABLE_MISSING',
      `Environment ${environment} lacks ${missing.join(', ')}.`,
      'Check that the configuration names the platform database of an OutSystems 11 environment, and that its login may see these tables (VIEW DEFINITION or SELECT).',
      missing,
    );
  }
  const read = await Promise.all(
    (Object.keys(platformTables) as PlatformTableName[]).map(async (name): Promise<[PlatformTableName, SqlRow[]]> => {
      const statement = statements.get(name);
      return [name, statement === undefined || surveyedOnly.includes(name) ? [] : await db.query(statement)];
    }),
  );
  return Object.fromEntries(read) as Record<PlatformTableName, SqlRow[]>;
}
