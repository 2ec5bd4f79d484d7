import type { EntityModel } from '../model.js';
import type { Owned } from '../modelIndex.js';
import { quote } from './connection.js';
import { eventColumns, sqlType } from './tables.js';
import type { Target } from './target.js';

/**
 * The trigger of an entity that processes listen to (guide, BPT Scheduler). For each inserted or updated row and each
 * matching row of the event table it writes a queue row: light ones to OSSYS_BPM_EVENT, others to
 * OSSYS_BPM_EVENT_QUEUE. NULL or 0 in a filter column of the event table matches any row; an update is any statement
 * with old rows.
 */
export function createEventTrigger(target: Target, owner: Owned<EntityModel>, eventTable: string): string {
  const { table } = target.physical(owner);
  const key = target.index.primaryKey(owner.item);
  const keyColumn = quote(target.column(owner, key));
  const keyType = sqlType(target.index.storedType(key.type));
  const tenantColumn =
    owner.item.multiTenant || owner.item.systemTable === 'OSSYS_USER' || owner.item.systemTable === 'OSSYS_GROUP';
  const tenant = tenantColumn ? 'COALESCE(EVT.[_TENANT_ID], INSERTED.[TENANT_ID])' : 'EVT.[_TENANT_ID]';
  const text =
    keyType === 'int' ? `CONVERT(VARCHAR(11), INSERTED.${keyColumn})` : `CONVERT(NVARCHAR(50), INSERTED.${keyColumn})`;
  const filters = eventColumns(target, owner).map(({ column, type }) => {
    const name = quote(column);
    const empty = type.startsWith('nvarchar') ? `''` : '0';
    return `(NULLIF(EVT.${name}, ${empty}) IS NULL OR EVT.${name} = COALESCE(INSERTED.${name}, ${empty}))`;
  });
  const conditions = [`(EVT.[ID] IS NULL OR EVT.[ID] = INSERTED.${keyColumn})`, ...filters].join(' AND ');
  // The queues are the platform's; the trigger stands in the database of its table.
  const catalog = target.catalogOf(owner);
  const platform = catalog === null ? '' : `${quote(catalog.platform)}.`;
  const enqueue = (queue: string, record: string, light: 0 | 1): string =>
    `INSERT INTO ${platform}[dbo].${quote(queue)} ([ESPACE_ID], [TENANT_ID], [ACTIVITY_ID], [PROCESS_DEF_ID], ${quote(record)}, [ENQUEUE_TIME], [ERROR_COUNT], [NEXT_RUN])
  SELECT EVT.[_ESPACE_ID], ${tenant}, EVT.[_ACTIVITY_ID], EVT.[_PROCESS_DEF_ID], ${text}, GETDATE(), 0, GETDATE()
  FROM [dbo].${quote(eventTable)} EVT INNER JOIN INSERTED ON ${conditions}
  WHERE EVT.[_IS_UPDATE] = @ISUPDATE AND EVT.[_IS_LIGHT] = ${light};`;
  return `CREATE TRIGGER [dbo].${quote(`OSTRG_EI__${table.toUpperCase()}`)} ON [dbo].${quote(table)} AFTER INSERT, UPDATE AS
BEGIN
  SET NOCOUNT ON;
  DECLARE @ISUPDATE bit;
  SET @ISUPDATE = 1;
  IF NOT EXISTS (SELECT 1 FROM DELETED) SET @ISUPDATE = 0;
  ${enqueue('OSSYS_BPM_EVENT_QUEUE', 'DATA_ID', 0)}
  ${enqueue('OSSYS_BPM_EVENT', 'ENTITY_RECORD_ID', 1)}
END`;
}
