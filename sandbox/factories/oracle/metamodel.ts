/** The metamodel of one environment, read for the oracle alone: module, entity and attribute keys -> tables and columns. */
import type mssql from 'mssql';
import type { EntityModel, FactoryModel, ModuleModel } from '../model.js';
import { quote } from '../write/connection.js';
import { normalKey } from './values.js';

export interface PublishedColumn {
  readonly name: string;
  readonly column: string;
  readonly sqlType: string;
  /** As in OSSYS_ENTITY_ATTR.TYPE. */
  readonly type: string;
}

export interface PublishedEntity {
  readonly path: string;
  readonly model: EntityModel;
  readonly module: ModuleModel;
  readonly espaceId: number;
  readonly table: string;
  /** The table as a query names it: in another database if its module is of another catalog. */
  readonly from: string;
  readonly eventFrom: string | null;
  readonly key: PublishedColumn;
  readonly columns: readonly PublishedColumn[];
  readonly hasTenant: boolean;
}

export interface PublishedFactory {
  readonly entities: readonly PublishedEntity[];
  /** By 'module key*entity key' in lower case. */
  readonly byKeys: ReadonlyMap<string, PublishedEntity>;
  readonly espaceKeys: ReadonlyMap<number, string>;
}

interface EntityRow {
  readonly ID: number;
  readonly ESPACE_ID: number;
  readonly ESPACE_KEY: string;
  readonly SS_KEY: string;
  readonly PHYSICAL_TABLE_NAME: string;
  readonly PRIMARYKEY_SS_KEY: string;
  readonly EVENT_TABLE_NAME: string | null;
  readonly CATALOG: string | null;
}

interface AttributeRow {
  readonly ENTITY_ID: number;
  readonly NAME: string;
  readonly DATABASE_NAME: string | null;
  readonly TYPE: string;
  readonly SS_KEY: string;
}

/** Everything active that the model describes and this environment has published. */
export async function readPublished(pool: mssql.ConnectionPool, model: FactoryModel): Promise<PublishedFactory> {
  const rows = async <T>(text: string): Promise<T[]> => (await pool.request().query<T>(text)).recordset;
  const espaces = await rows<{ ID: number; SS_KEY: string }>('SELECT ID, SS_KEY FROM OSSYS_ESPACE');
  const entityRows = await rows<EntityRow>(
    `SELECT n.ID, n.ESPACE_ID, e.SS_KEY AS ESPACE_KEY, n.SS_KEY, n.PHYSICAL_TABLE_NAME, n.PRIMARYKEY_SS_KEY, n.EVENT_TABLE_NAME, NULLIF(c.NAME, N'(Main)') AS CATALOG
     FROM OSSYS_ENTITY n INNER JOIN OSSYS_ESPACE e ON e.ID = n.ESPACE_ID LEFT JOIN OSSYS_DBCATALOG c ON c.ID = e.DBCATALOG_ID WHERE n.IS_ACTIVE = 1 AND e.IS_ACTIVE = 1`,
  );
  const attributeRows = await rows<AttributeRow>(
    'SELECT ENTITY_ID, NAME, DATABASE_NAME, TYPE, SS_KEY FROM OSSYS_ENTITY_ATTR WHERE IS_ACTIVE = 1',
  );
  const columnRows: { table_name: string; name: string; type: string }[] = [];
  for (const catalog of new Set([null, ...entityRows.map((each) => each.CATALOG)])) {
    const sys = `${inDatabase(catalog)}sys`;
    columnRows.push(
      ...(await rows<(typeof columnRows)[number]>(
        `SELECT o.name AS table_name, c.name, t.name AS type FROM ${sys}.columns c INNER JOIN ${sys}.objects o ON o.object_id = c.object_id
         INNER JOIN ${sys}.types t ON t.user_type_id = c.user_type_id WHERE o.type = 'U'`,
      )),
    );
  }
  const columns = new Map(columnRows.map((each) => [normalKey(`${each.table_name}.${each.name}`), each]));
  const attributes = new Map<number, AttributeRow[]>();
  for (const each of attributeRows) attributes.set(each.ENTITY_ID, [...(attributes.get(each.ENTITY_ID) ?? []), each]);

  const byKeys = new Map<string, PublishedEntity>();
  for (const module of model.modules.filter((each) => each.active)) {
    for (const entity of module.entities.filter((each) => each.active)) {
      const found = entityRows.filter(
        (each) =>
          normalKey(each.ESPACE_KEY) === normalKey(module.key) && normalKey(each.SS_KEY) === normalKey(entity.key),
      );
      const row = found[0];
      if (!row) continue;
      if (found.length > 1) throw new Error(`${module.name}.${entity.name} is published twice.`);
      const published = (attributes.get(row.ID) ?? []).map((attribute): PublishedColumn => {
        const column = columns.get(
          normalKey(`${row.PHYSICAL_TABLE_NAME}.${attribute.DATABASE_NAME ?? attribute.NAME}`),
        );
        if (!column) throw new Error(`${row.PHYSICAL_TABLE_NAME} has no column for ${attribute.NAME}.`);
        return { name: attribute.NAME, column: column.name, sqlType: column.type, type: attribute.TYPE };
      });
      const keyName = attributes
        .get(row.ID)
        ?.find((each) => normalKey(each.SS_KEY) === normalKey(row.PRIMARYKEY_SS_KEY))?.NAME;
      const key = published.find((each) => each.name === keyName);
      if (!key) throw new Error(`${module.name}.${entity.name} has no active identifier.`);
      byKeys.set(normalKey(`${module.key}*${entity.key}`), {
        path: `${module.name}.${entity.name}`,
        model: entity,
        module,
        espaceId: row.ESPACE_ID,
        table: row.PHYSICAL_TABLE_NAME,
        from: tableIn(row, row.PHYSICAL_TABLE_NAME),
        eventFrom: row.EVENT_TABLE_NAME === null ? null : tableIn(row, row.EVENT_TABLE_NAME),
        key,
        columns: published,
        hasTenant:
          columns.has(normalKey(`${row.PHYSICAL_TABLE_NAME}.TENANT_ID`)) &&
          !published.some((each) => normalKey(each.column) === 'tenant_id'),
      });
    }
  }
  return { entities: [...byKeys.values()], byKeys, espaceKeys: new Map(espaces.map((each) => [each.ID, each.SS_KEY])) };
}

function inDatabase(catalog: string | null): string {
  return catalog === null ? '' : `${quote(catalog)}.`;
}

/** No system entity belongs to a module of another catalog. */
function tableIn({ CATALOG }: EntityRow, table: string): string {
  return `${inDatabase(CATALOG)}[dbo].${quote(table)}`;
}

/** The select expression that reads a column exactly. */
export function exactly({ column, sqlType }: Pick<PublishedColumn, 'column' | 'sqlType'>): string {
  const name = quote(column);
  switch (sqlType) {
    case 'datetime':
      return `CONVERT(nvarchar(30), ${name}, 121)`;
    case 'decimal':
      return `CONVERT(nvarchar(60), ${name})`;
    case 'bigint':
      return `CONVERT(nvarchar(30), ${name})`;
    case 'image':
      return `CONVERT(varbinary(max), ${name})`;
    default:
      return name;
  }
}
