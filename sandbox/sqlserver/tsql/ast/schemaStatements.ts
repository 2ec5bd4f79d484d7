import type { Condition, Expression } from './expressions.js';
import type { DataType, Identifier, Node, ObjectName } from './node.js';
import type { CommonTableExpression, Query } from './queries.js';
import type { Statement } from './statements.js';

export type SchemaStatement =
  | CreateTableStatement
  | AlterTableStatement
  | DropStatement
  | CreateIndexStatement
  | DropIndexStatement
  | CreateSchemaStatement
  | ViewStatement
  | TriggerStatement
  | SwitchTriggerStatement
  | UpdateStatisticsStatement;

export interface CreateTableStatement extends Node {
  readonly kind: 'createTable';
  readonly table: ObjectName;
  readonly elements: readonly TableElement[];
}

export type TableElement = ColumnDefinition | TableConstraint | InlineIndex;

export interface ColumnDefinition extends Node {
  readonly kind: 'columnDefinition';
  readonly name: string;
  /** Undefined for a computed column. */
  readonly type: DataType | undefined;
  readonly computed: ComputedColumn | undefined;
  readonly collation: string | undefined;
  /** Undefined when neither NULL nor NOT NULL is written. */
  readonly nullable: boolean | undefined;
  readonly identity: IdentityDefinition | undefined;
  readonly rowGuidCol: boolean;
  readonly sparse: boolean;
  /** DEFAULT, PRIMARY KEY, UNIQUE, CHECK and FOREIGN KEY written with the column; keys have columns [this one]. */
  readonly constraints: readonly TableConstraint[];
}

export interface ComputedColumn {
  readonly expression: Expression;
  /** Source text of the expression. */
  readonly definition: string;
  readonly persisted: boolean;
}

export interface IdentityDefinition {
  readonly seed: bigint;
  readonly increment: bigint;
  readonly notForReplication: boolean;
}

export interface KeyColumn extends Node {
  readonly name: string;
  readonly descending: boolean;
}

export type TableConstraint =
  PrimaryKeyConstraint | UniqueConstraint | ForeignKeyConstraint | CheckConstraint | DefaultConstraint;

interface Constraint extends Node {
  /** Undefined: SQL Server makes a name. */
  readonly name: string | undefined;
}

export interface PrimaryKeyConstraint extends Constraint {
  readonly kind: 'primaryKey';
  /** Undefined when neither word is written. */
  readonly clustered: boolean | undefined;
  readonly columns: readonly KeyColumn[];
  readonly options: readonly IndexOption[];
}

export interface UniqueConstraint extends Constraint {
  readonly kind: 'unique';
  readonly clustered: boolean | undefined;
  readonly columns: readonly KeyColumn[];
  readonly options: readonly IndexOption[];
}

export type ReferentialAction = 'noAction' | 'cascade' | 'setNull' | 'setDefault';

export interface ForeignKeyConstraint extends Constraint {
  readonly kind: 'foreignKey';
  readonly columns: readonly string[];
  readonly referencedTable: ObjectName;
  /** Empty: the referenced table's primary key. */
  readonly referencedColumns: readonly string[];
  readonly onDelete: ReferentialAction;
  readonly onUpdate: ReferentialAction;
  readonly notForReplication: boolean;
}

export interface CheckConstraint extends Constraint {
  readonly kind: 'check';
  readonly condition: Condition;
  /** Source text between the parentheses. */
  readonly definition: string;
  readonly notForReplication: boolean;
}

export interface DefaultConstraint extends Constraint {
  readonly kind: 'defaultConstraint';
  readonly expression: Expression;
  /** Source text of the expression, as written (with parentheses if written). */
  readonly definition: string;
  readonly column: string;
  /** WITH VALUES of ALTER TABLE ... ADD. */
  readonly withValues: boolean;
}

/** INDEX name (...) inside CREATE TABLE. */
export interface InlineIndex extends Node {
  readonly kind: 'inlineIndex';
  readonly name: string;
  readonly unique: boolean;
  readonly clustered: boolean;
  readonly columns: readonly KeyColumn[];
  readonly where: Condition | undefined;
  readonly whereDefinition: string | undefined;
  readonly options: readonly IndexOption[];
}

export interface IndexOption extends Node {
  /** Upper case: PAD_INDEX, FILLFACTOR, IGNORE_DUP_KEY, DATA_COMPRESSION ... */
  readonly name: string;
  /** Upper case: ON, OFF, a number, NONE, PAGE ... */
  readonly value: string;
}

export interface AlterTableStatement extends Node {
  readonly kind: 'alterTable';
  readonly table: ObjectName;
  readonly action: AlterTableAction;
}

export type AlterTableAction =
  | {
      readonly kind: 'add';
      readonly elements: readonly (ColumnDefinition | TableConstraint)[];
      /** WITH CHECK | NOCHECK before ADD; undefined means CHECK for new constraints. */
      readonly withCheck: boolean | undefined;
    }
  | { readonly kind: 'dropColumn'; readonly ifExists: boolean; readonly columns: readonly Identifier[] }
  | { readonly kind: 'dropConstraint'; readonly ifExists: boolean; readonly constraints: readonly Identifier[] }
  | {
      readonly kind: 'alterColumn';
      readonly column: string;
      readonly type: DataType;
      readonly collation: string | undefined;
      readonly nullable: boolean | undefined;
    }
  | {
      readonly kind: 'checkConstraint';
      /** CHECK CONSTRAINT or NOCHECK CONSTRAINT. */
      readonly enable: boolean;
      /** WITH CHECK | NOCHECK before it; undefined means NOCHECK when enabling. */
      readonly withCheck: boolean | undefined;
      readonly constraints: readonly Identifier[] | 'all';
    }
  | { readonly kind: 'switchTrigger'; readonly enable: boolean; readonly triggers: readonly Identifier[] | 'all' }
  | { readonly kind: 'setLockEscalation'; readonly value: 'AUTO' | 'TABLE' | 'DISABLE' };

export interface DropStatement extends Node {
  readonly kind: 'drop';
  readonly objectKind:
    | 'table'
    | 'view'
    | 'trigger'
    | 'procedure'
    | 'function'
    | 'schema'
    | 'database'
    | 'login'
    | 'user'
    | 'role'
    | 'type';
  readonly ifExists: boolean;
  /** Schemas, databases, logins, users and roles have only an object part. */
  readonly names: readonly ObjectName[];
}

export interface CreateIndexStatement extends Node {
  readonly kind: 'createIndex';
  readonly name: string;
  readonly table: ObjectName;
  readonly unique: boolean;
  readonly clustered: boolean;
  readonly columns: readonly KeyColumn[];
  readonly include: readonly Identifier[];
  readonly where: Condition | undefined;
  readonly whereDefinition: string | undefined;
  readonly options: readonly IndexOption[];
}

export interface DropIndexStatement extends Node {
  readonly kind: 'dropIndex';
  readonly ifExists: boolean;
  readonly indexes: readonly { readonly name: string; readonly table: ObjectName }[];
}

export interface CreateSchemaStatement extends Node {
  readonly kind: 'createSchema';
  readonly name: string;
  readonly authorization: string | undefined;
}

export interface ViewStatement extends Node {
  readonly kind: 'view';
  readonly action: 'create' | 'alter' | 'createOrAlter';
  readonly name: ObjectName;
  readonly columns: readonly Identifier[];
  readonly query: Query;
  readonly ctes: readonly CommonTableExpression[];
  readonly schemaBinding: boolean;
  readonly checkOption: boolean;
  /** The whole batch text, as sys.sql_modules keeps it. */
  readonly definition: string;
  /** Source text of the query, without the view's options. */
  readonly queryText: string;
}

export type TriggerEvent = 'insert' | 'update' | 'delete';

export interface TriggerStatement extends Node {
  readonly kind: 'trigger';
  readonly action: 'create' | 'alter' | 'createOrAlter';
  readonly name: ObjectName;
  readonly table: ObjectName;
  readonly events: readonly TriggerEvent[];
  readonly notForReplication: boolean;
  readonly body: readonly Statement[];
  /** The whole batch text, as sys.sql_modules keeps it; spans of the body are offsets into it. */
  readonly definition: string;
}

/** ENABLE | DISABLE TRIGGER ... ON table, the statement of its own. */
export interface SwitchTriggerStatement extends Node {
  readonly kind: 'switchTrigger';
  readonly enable: boolean;
  readonly triggers: readonly ObjectName[] | 'all';
  readonly table: ObjectName;
}

export interface UpdateStatisticsStatement extends Node {
  readonly kind: 'updateStatistics';
  readonly table: ObjectName;
}
