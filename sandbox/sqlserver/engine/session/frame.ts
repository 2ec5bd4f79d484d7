import type { TableElement } from '../../tsql/ast.js';
import type { SqlError, SqlType, SqlValue } from '../api.js';
import type { CatalogTable } from '../catalog/model.js';
import type { TableEntity } from '../catalog/entities.js';

export interface VariableState {
  readonly name: string;
  readonly type: SqlType;
  value: SqlValue;
  /** The DECLARE that made it: a second one elsewhere in the scope is an error. */
  readonly declaredAt: object | undefined;
}

/** What a trigger's body sees of the statement that fired it. */
export interface TriggerContext {
  readonly triggerId: number;
  readonly table: TableEntity;
  readonly inserted: CatalogTable;
  readonly deleted: CatalogTable;
  /** Columns for which UPDATE(column) is true. */
  readonly updatedColumns: readonly string[];
}

/** A scope of execution: a batch, a text run by sp_executesql or EXEC, or a trigger. */
export class Frame {
  readonly variables = new Map<string, VariableState>();
  /** Table variables declared here, by the key of their name, with the elements of their definition. */
  readonly tableVariables = new Map<string, readonly TableElement[]>();
  /** Identity value of the last INSERT in this scope: SCOPE_IDENTITY(). */
  scopeIdentity: bigint | null = null;
  /** Errors being handled by the CATCH blocks that run now, the innermost last. */
  readonly caught: SqlError[] = [];
  /** TRY blocks that run now. */
  tryDepth = 0;
  returnStatus = 0;

  constructor(
    /** Greater for inner scopes; names the owner of temporary tables. */
    readonly id: number,
    readonly parent: Frame | undefined,
    /** Name for ERROR_PROCEDURE(); '' in batches. */
    readonly procedure: string,
    readonly trigger?: TriggerContext,
    /** A batch of the client: its #temp tables last for the session. */
    readonly isBatch = false,
  ) {}

  get nestLevel(): number {
    return this.parent === undefined ? 0 : this.parent.nestLevel + 1;
  }

  get triggerNestLevel(): number {
    return (this.parent?.triggerNestLevel ?? 0) + (this.trigger === undefined ? 0 : 1);
  }

  variable(name: string): VariableState | undefined {
    return this.variables.get(name.toUpperCase());
  }

  declare(name: string, type: SqlType, value: SqlValue, declaredAt?: object): void {
    this.variables.set(name.toUpperCase(), { name, type, value, declaredAt });
  }

  /** The error that ERROR_NUMBER() and its kin tell of: that of the innermost CATCH, of outer scopes too. */
  get currentError(): SqlError | undefined {
    return this.caught.at(-1) ?? this.parent?.currentError;
  }

  /** True when a TRY block of this or an outer scope takes errors. */
  get isGuarded(): boolean {
    return this.tryDepth > 0 || (this.parent?.isGuarded ?? false);
  }
}
