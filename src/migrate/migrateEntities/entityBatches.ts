import { quoteName, quoteTable } from '../../sqlserver/quoteName.js';
import { isMapped, leavesMatched, type EntityShape, type ShapeColumn } from './entityShape.js';
import type { LookupContext } from './lookup.js';
import { translate, type Problem, type Translation } from './translation.js';

/** What the statements of an entity's batches follow from. */
export class EntityBatches {
  readonly translations: readonly Translation[];
  /** References that may wait until the row they name is there. */
  readonly deferred: readonly Translation[];
  /** Rows of the destination may stand for the entity's. */
  readonly matches: boolean;
  /** Keys are kept in the key map. */
  readonly mapped: boolean;
  readonly inserts: boolean;
  /** The destination's, quoted. */
  readonly table: string;

  constructor(
    readonly context: LookupContext,
    readonly shape: EntityShape,
  ) {
    const { entity, node } = shape;
    this.translations = shape.columns.map((column) => translate(context, shape, column));
    this.deferred = this.translations.filter(({ column }) => isDeferred(column));
    this.matches = entity.match.length > 0 && entity.onMatch !== 'insert';
    this.mapped = isMapped(context.plan, node);
    this.inserts = node.origin !== 'matched';
    this.table = quoteTable(entity.destinationTable);
  }

  get textKey(): boolean {
    return this.shape.node.keyKind === 'text';
  }

  /** Matched rows take the values of those that they match. */
  get updates(): boolean {
    return this.matches && this.shape.entity.onMatch === 'update';
  }

  /** The key is that of another row. */
  get follows(): boolean {
    const treatment = this.shape.key.planned.treatment;
    return treatment.kind === 'key' && treatment.follows !== undefined;
  }

  get keyColumn(): string {
    return quoteName(this.shape.key.planned.destination.column);
  }

  get owner(): number {
    const owner = this.context.owners.get(this.shape.node.node);
    if (owner === undefined) throw new RangeError(`node ${this.shape.node.node} has no owner in the key map`);
    return owner;
  }

  get map(): string {
    return this.context.state.table(this.textKey ? 'key_map_text' : 'key_map');
  }

  problems(): { readonly translation: Translation; readonly problem: Problem }[] {
    return this.translations.flatMap((translation) =>
      translation.problem === null ? [] : [{ translation, problem: translation.problem }],
    );
  }

  /** Rows that are only mapped to a row of the destination bring no references with them. */
  unlessSkipped(): string {
    return leavesMatched(this.shape) ? ` AND ${notMatched}` : '';
  }
}

/** Of a staged row: no row of the destination stands for it. */
export const notMatched = 'NOT EXISTS (SELECT 1 FROM #matched k WHERE k.n = s.n)';

/** A key of any type, as the state's written_row holds it. */
export function asRowKey(key: string): string {
  return `CONVERT(nvarchar(446), ${key})`;
}

export function isDeferred(column: ShapeColumn): boolean {
  return column.planned.treatment.kind === 'reference' && column.planned.treatment.deferred;
}
