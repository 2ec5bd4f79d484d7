import type { Entity, PhysicalTable } from '../factory/factory.js';
import type { EntityOptions } from '../contract.js';
import type { ProcessTable } from './platformNodes.js';
import type { ColumnTreatment, ColumnType, KeyOrigin, NodeKind, PhysicalKey } from './refreshPlan.js';

/**
 * A plan in the making: what follows from the two metamodels and the request alone, before anything is known about
 * data. The survey asks its questions about a draft; buildPlan turns draft and answers into the plan.
 */
export interface DraftNode {
  readonly node: number;
  readonly kind: NodeKind;
  readonly espace: string;
  readonly entity: string;
  readonly espaceKey: string;
  readonly entityKey: string;
  readonly keyAttributeKey: string;
  readonly keyKind: 'integer' | 'text';
  readonly source: PhysicalKey | null;
  readonly destination: PhysicalKey | null;
  readonly sourceEntity: Entity | null;
  readonly destinationEntity: Entity | null;
  origin: KeyOrigin;
  match?: { readonly source: readonly string[]; readonly destination: readonly string[] };
}

export interface DraftColumn {
  readonly attribute: string;
  readonly source: { readonly column: string; readonly type: ColumnType };
  readonly destination: { readonly column: string; readonly type: ColumnType };
  readonly treatment: ColumnTreatment;
  /** References: whether they may wait until the referenced rows exist. Platform columns say it, others may choose. */
  readonly deferral: 'never' | 'choose' | 'always';
  /** The destination's type holds less: the survey looks for values that do not fit. */
  readonly narrower: boolean;
  /** NULL is allowed in the source only: the survey looks for NULLs. */
  readonly refusesNull: boolean;
}

/** A table whose rows move: an entity's, or one of the process tables. */
export interface DraftEntity {
  readonly node: number;
  /** Espace.Entity */
  readonly name: string;
  readonly processTable: ProcessTable | null;
  readonly source: PhysicalTable;
  readonly destination: PhysicalTable;
  readonly columns: readonly DraftColumn[];
  readonly data: 'deleteFirst' | 'keep';
  readonly options: EntityOptions;
  /** Names of destination columns. */
  readonly match: readonly string[];
  readonly tenantColumn: { readonly source: string; readonly destination: string } | null;
  readonly path: readonly string[];
}
