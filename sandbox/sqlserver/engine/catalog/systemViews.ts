import type { Session } from '../session/session.js';
import { canSee, hasPermission, userIn } from '../rights/access.js';
import { isCharacter, postgresType } from '../translate/types/sqlTypes.js';
import type { TableName } from './catalogReader.js';
import type { DatabaseEntity } from './entities.js';
import type { CatalogColumn, CatalogTable } from './model.js';
import { quotePostgres } from './names.js';
import { activityViews } from './systemViews/activityViews.js';
import { columnViews } from './systemViews/columnViews.js';
import { constraintViews } from './systemViews/constraintViews.js';
import type { SystemView, SystemViewContext } from './systemViews/definition.js';
import { indexViews } from './systemViews/indexViews.js';
import { informationSchemaViews } from './systemViews/informationSchema.js';
import { objectViews } from './systemViews/objectViews.js';
import { serverViews } from './systemViews/serverViews.js';

const views: ReadonlyMap<string, { readonly view: SystemView; readonly id: number }> = new Map(
  [
    ...objectViews,
    ...columnViews,
    ...indexViews,
    ...constraintViews,
    ...serverViews,
    ...activityViews,
    ...informationSchemaViews,
  ].map((view, index) => [`${view.schema}.${view.name}`.toUpperCase(), { view, id: -1_000 - index }]),
);

const keptTables = 400;
const tables = new Map<string, CatalogTable>();

/** A system view (sys.*, INFORMATION_SCHEMA.*) as the session sees it; undefined for other names. */
export function findSystemView(session: Session, name: TableName): CatalogTable | undefined {
  const found = views.get(`${name.schema}.${name.object}`.toUpperCase());
  if (found === undefined) return undefined;
  const database = name.database === '' ? session.currentDatabase : session.catalog.database(name.database);
  if (database === undefined) return undefined;
  session.checkAccess(database);
  const visibility = visibilityCondition(session, database);
  if (found.view.volatile === true) return makeTable(session, found.view, found.id, database, visibility);
  const key = `${database.id}|${database.name}|${database.collation}|${found.id}|${visibility ?? ''}`;
  let table = tables.get(key);
  if (table === undefined) {
    table = makeTable(session, found.view, found.id, database, visibility);
    tables.set(key, table);
    if (tables.size > keptTables) tables.delete(tables.keys().next().value as string);
  }
  return table;
}

/** Identifiers of the objects that the user may see; undefined for those who see all. */
function visibilityCondition(session: Session, database: DatabaseEntity): string | undefined {
  const user = userIn(session.catalog, session.login, database.id);
  if (user === undefined) return '0';
  if (hasPermission(session.catalog, user, 'CONTROL', { databaseId: database.id })) return undefined;
  const ids = [...session.catalog.objects(database.id)]
    .filter((object) => canSee(session.catalog, user, object))
    .map((object) => object.objectId);
  return ids.length === 0 ? '0' : ids.join(',');
}

function makeTable(
  session: Session,
  view: SystemView,
  objectId: number,
  database: DatabaseEntity,
  visibility: string | undefined,
): CatalogTable {
  const context: SystemViewContext = {
    session,
    databaseId: database.id,
    databaseName: database.name,
    visible: (id) => (visibility === undefined ? 'true' : `(${id}) in (${visibility})`),
  };
  const items = view.columns.map(
    ({ name, type, expression }) => `(${expression})::${postgresType(type)} as ${quotePostgres(name)}`,
  );
  const columns = view.columns.map(({ name, type, nullable }, index): CatalogColumn => ({
    columnId: index + 1,
    name,
    postgresName: quotePostgres(name),
    type: isCharacter(type) ? { ...type, collation: database.collation } : type,
    nullable,
  }));
  return {
    objectId,
    database: database.name,
    schema: view.schema,
    name: view.name,
    kind: 'systemView',
    postgresName: `(select ${items.join(', ')} from ${view.source(context)})`,
    columns,
    triggers: { insert: false, update: false, delete: false },
  };
}
