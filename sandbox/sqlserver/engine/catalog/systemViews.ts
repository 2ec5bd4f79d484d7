import type { Session } from '../session/session.js';
import type { CatalogTable } from './model.js';
import type { TableName } from './catalogReader.js';

/** A system view (sys.*, INFORMATION_SCHEMA.*) as the session sees it; undefined for other names. */
export function findSystemView(_session: Session, _name: TableName): CatalogTable | undefined {
  return undefined;
}
