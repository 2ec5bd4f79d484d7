import type { IsolationLevel, SqlType } from '../api.js';
import type { CatalogReader, CatalogTable } from '../catalog/model.js';

/** Everything that a translation depends on besides the statement itself. */
export interface TranslationContext {
  readonly catalog: CatalogReader;
  /** Current database and the default collation of it, which also rules how names compare. */
  readonly database: string;
  readonly databaseCollation: string;
  /** Type of a declared variable ('@v', case does not matter); undefined when it is not declared. */
  readonly variableType: (name: string) => SqlType | undefined;
  readonly options: SessionOptions;
  /** The table with IDENTITY_INSERT ON in this session. */
  readonly identityInsert: (table: CatalogTable) => boolean;
  /** Inside a trigger: names of the columns that UPDATE(column) is true for. */
  readonly updatedColumns?: readonly string[];
}

export interface SessionOptions {
  readonly concatNullYieldsNull: boolean;
  /** 'mdy', 'dmy', 'ymd' ... */
  readonly dateFormat: string;
  /** 1 (Monday) to 7 (Sunday, the default of us_english). */
  readonly dateFirst: number;
  /** SET ROWCOUNT: 0 for no limit. */
  readonly rowCount: number;
  readonly isolation: IsolationLevel;
}

export const defaultSessionOptions: SessionOptions = {
  concatNullYieldsNull: true,
  dateFormat: 'mdy',
  dateFirst: 7,
  rowCount: 0,
  isolation: 'readCommitted',
};
