/** Identifier -> marker, for every kind of thing that an attribute or a process value can refer to. */
import type mssql from 'mssql';
import { quote } from '../write/connection.js';
import { exactly, type PublishedEntity, type PublishedFactory } from './metamodel.js';
import { addOnce, normalKey, type OracleValue } from './values.js';

type Markers = ReadonlyMap<string, string>;

export class References {
  private readonly loaded = new Map<PublishedEntity, Promise<Markers>>();

  constructor(
    private readonly pool: mssql.ConnectionPool,
    private readonly factory: PublishedFactory,
    private readonly tellUsersApart: boolean,
  ) {}

  /** The entity that a type bt<module key>*<entity key> names; undefined for basic types. Throws if there is none. */
  target(type: string): PublishedEntity | undefined {
    if (!type.startsWith('bt')) return undefined;
    const found = this.factory.byKeys.get(normalKey(type.slice(2)));
    if (!found) throw new Error(`No published entity has the keys ${type.slice(2)}.`);
    return found;
  }

  /** Resolves an identifier (as text) of an entity. */
  async resolve(target: PublishedEntity, id: string | null): Promise<OracleValue> {
    if (id === null) return null;
    const marker = (await this.markers(target)).get(normalKey(id));
    return marker === undefined ? { to: target.path, missing: id } : { to: target.path, marker };
  }

  /** Marker of a row of a system entity, by its table; null for a null identifier. */
  async system(table: string, id: number | string | null): Promise<string | null> {
    if (id === null) return null;
    const target = this.factory.entities.find((each) => each.table === table);
    if (!target) throw new Error(`No entity stands for ${table}.`);
    return (await this.markers(target)).get(normalKey(id)) ?? `missing ${id}`;
  }

  markers(target: PublishedEntity): Promise<Markers> {
    let found = this.loaded.get(target);
    if (!found) {
      found = this.load(target);
      this.loaded.set(target, found);
    }
    return found;
  }

  private async load(target: PublishedEntity): Promise<Markers> {
    const rows = await this.pool.request().query<{ id: unknown; marker: string }>(markerQuery(target));
    if (!this.tellUsersApart || target.model.systemTable !== 'OSSYS_USER')
      return new Map(rows.recordset.map((each) => [normalKey(each.id), each.marker]));
    const byMarker = new Map<string, string>();
    for (const { id, marker } of rows.recordset) addOnce(byMarker, marker, normalKey(id));
    return new Map([...byMarker].map(([marker, id]) => [id, marker]));
  }
}

/** Static records are known by their key, users by tenant and login, definitions by the chain of their keys. */
function markerQuery(target: PublishedEntity): string {
  if (target.model.kind === 'staticEntity') {
    return `SELECT DATA_ID AS id, SS_KEY AS marker FROM OSSYS_ENTITY_RECORD WHERE ESPACE_ID = ${target.espaceId} AND ENTITY_SS_KEY = N'${target.model.key}'`;
  }
  const tenant = `LEFT JOIN OSSYS_TENANT t ON t.ID = x.TENANT_ID`;
  switch (target.model.systemTable) {
    case 'OSSYS_USER':
      return `SELECT x.ID AS id, CONCAT(t.NAME, N'\\', LOWER(x.USERNAME)) AS marker FROM OSSYS_USER x ${tenant} ORDER BY x.IS_ACTIVE DESC, x.ID`;
    case 'OSSYS_GROUP':
      return `SELECT x.ID AS id, CONCAT(t.NAME, N'\\', LOWER(x.NAME)) AS marker FROM OSSYS_GROUP x ${tenant}`;
    case 'OSSYS_TENANT':
      return `SELECT x.ID AS id, CONCAT(e.SS_KEY, N'/', x.NAME) AS marker FROM OSSYS_TENANT x LEFT JOIN OSSYS_ESPACE e ON e.ID = x.ESPACE_ID`;
    case 'OSSYS_ESPACE':
      return `SELECT ID AS id, SS_KEY AS marker FROM OSSYS_ESPACE`;
    case 'OSSYS_ROLE':
      return `SELECT x.ID AS id, CONCAT(e.SS_KEY, N'*', x.SS_KEY) AS marker FROM OSSYS_ROLE x LEFT JOIN OSSYS_ESPACE e ON e.ID = x.ESPACE_ID`;
    case 'OSSYS_BPM_PROCESS_DEFINITION':
      return `SELECT x.ID AS id, CONCAT(e.SS_KEY, N'*', x.SS_KEY) AS marker FROM OSSYS_BPM_PROCESS_DEFINITION x LEFT JOIN OSSYS_ESPACE e ON e.ID = x.ESPACE_ID`;
    case 'OSSYS_BPM_ACTIVITY_DEFINITION':
      return `SELECT x.ID AS id, CONCAT(e.SS_KEY, N'*', p.SS_KEY, N'*', x.SS_KEY) AS marker FROM OSSYS_BPM_ACTIVITY_DEFINITION x
        LEFT JOIN OSSYS_BPM_PROCESS_DEFINITION p ON p.ID = x.PROCESS_DEF_ID LEFT JOIN OSSYS_ESPACE e ON e.ID = p.ESPACE_ID`;
    case 'OSSYS_BPM_PROCESS':
      return `SELECT ID AS id, LABEL AS marker FROM OSSYS_BPM_PROCESS`;
    case 'OSSYS_BPM_ACTIVITY':
      return `SELECT a.ID AS id, CONCAT(p.LABEL, N' / ', a.NAME, N' / ', CONVERT(nvarchar(30), a.CREATED, 121)) AS marker
        FROM OSSYS_BPM_ACTIVITY a LEFT JOIN OSSYS_BPM_PROCESS p ON p.ID = a.PROCESS_ID`;
    case undefined: {
      const marker = target.columns.find((each) => each.name === target.model.marker);
      if (!marker) throw new Error(`${target.path} has no column for its marker ${target.model.marker}.`);
      return `SELECT ${exactly(target.key)} AS id, ${quote(marker.column)} AS marker FROM ${target.from}`;
    }
    default:
      throw new Error(`No markers for ${target.model.systemTable}.`);
  }
}
