import type {
  ColumnTreatment,
  PlannedColumn,
  PlannedEntity,
  PlannedNode,
  RefreshPlan,
} from '../../plan/refreshPlan.js';
import { refuse } from '../../sqlserver/errors.js';
import { relayTransportOf, transportOf, type RowPath, type Transport } from '../transport.js';

/**
 * A planned entity with the places of its columns in the staging table: `n` is the row's number in the page, `c0` the
 * source key, `c1`… the other staged columns, `p1`… whether the referenced row exists in the source. Staging columns
 * have names of their own, as names of real columns may be hostile. They stand in the order of their types, so that
 * entities with as many columns of each type have one layout, whatever the order of their attributes.
 */
export interface EntityShape {
  /** Index into plan.entities. */
  readonly index: number;
  readonly entity: PlannedEntity;
  readonly node: PlannedNode;
  /** Espace.Entity. */
  readonly name: string;
  readonly key: StagedColumn;
  /** The key first, then all others that are written. */
  readonly columns: readonly ShapeColumn[];
  /** In the order of the staging table: the key, then the others by type. */
  readonly staged: readonly StagedColumn[];
  /** Expressions that constant columns take instead of the plan's constants, by upper-case name of the column. */
  readonly literals: ReadonlyMap<string, string>;
  /** How the rows get to the staging table. */
  readonly path: RowPath;
}

export interface ShapeColumn {
  readonly planned: PlannedColumn;
  /** Null for a column that takes a constant. */
  readonly staged: StagedColumn | null;
}

export interface StagedColumn {
  readonly planned: PlannedColumn;
  readonly source: NonNullable<PlannedColumn['source']>;
  readonly transport: Transport;
  /** Name in the staging table. */
  readonly name: string;
  /** Name of the bit that says whether the referenced row exists in the source; null where the source enforces it. */
  readonly presence: string | null;
}

export type ReferenceTreatment = Extract<ColumnTreatment, { kind: 'reference' }>;

export function shapeOf(
  plan: RefreshPlan,
  index: number,
  literals: ReadonlyMap<string, string> = new Map(),
  path: RowPath = 'driver',
): EntityShape {
  const entity = plan.entities[index];
  const node = entity === undefined ? undefined : plan.nodes[entity.node];
  if (entity === undefined || node === undefined) throw new RangeError(`the plan has no entity ${index}`);
  const name = `${node.espace}.${node.entity}`;
  const unnamed = new Map<PlannedColumn, UnnamedColumn>();
  for (const planned of entity.columns) {
    const column = unnamedColumn(plan, planned, name, path);
    if (column !== null) unnamed.set(planned, column);
  }
  const staged = inLayout([...unnamed.values()]);
  const columns = entity.columns
    .filter((planned) => unnamed.has(planned) || isConstant(planned.treatment))
    .map((planned): ShapeColumn => ({ planned, staged: staged.find((each) => each.planned === planned) ?? null }));
  const key = columns[0]?.staged;
  if (key?.planned.treatment.kind !== 'key') {
    throw refuse(
      'keyMissing',
      'the entity has no key column on both sides',
      'Publish the module in both environments.',
      name,
    );
  }
  return { index, entity, node, name, key, columns, staged, literals, path };
}

/** A staged column before its place in the layout is known. */
interface UnnamedColumn extends Pick<StagedColumn, 'planned' | 'source' | 'transport'> {
  readonly asksPresence: boolean;
}

/** Columns that the source lacks are left to the destination's default, unless they take a constant. */
function unnamedColumn(plan: RefreshPlan, planned: PlannedColumn, entity: string, path: RowPath): UnnamedColumn | null {
  if (planned.source === null || isConstant(planned.treatment)) return null;
  // Identifiers are looked up and keys page, so both keep the types that these statements expect.
  const transport = path === 'relay' && planned.treatment.kind === 'copy' ? relayTransportOf : transportOf;
  return {
    planned,
    source: planned.source,
    transport: transport(planned.source.type, `${entity}, ${planned.attribute}`),
    asksPresence: presenceIsAsked(plan, planned.treatment),
  };
}

/** Names the columns in the order of the layout. The first, the key, keeps its place. */
function inLayout([key, ...others]: readonly UnnamedColumn[]): StagedColumn[] {
  if (key === undefined) return [];
  const typeOf = ({ transport, asksPresence }: UnnamedColumn): string =>
    `${transport.stagingType} ${transport.collation ?? ''} ${asksPresence}`;
  const sorted = others
    .map((column) => ({ column, type: typeOf(column) }))
    .sort((a, b) => (a.type < b.type ? -1 : a.type > b.type ? 1 : 0));
  return [key, ...sorted.map(({ column }) => column)].map(({ asksPresence, ...column }, place) => ({
    ...column,
    name: `c${place}`,
    presence: asksPresence ? `p${place}` : null,
  }));
}

function isConstant(treatment: ColumnTreatment): boolean {
  return treatment.kind === 'constant' || (treatment.kind === 'nextRun' && treatment.policy === 'hold');
}

function presenceIsAsked(plan: RefreshPlan, treatment: ColumnTreatment): boolean {
  switch (treatment.kind) {
    case 'reference':
      return !treatment.enforcedInSource && hasSource(plan, treatment.node);
    case 'key':
      return (
        treatment.follows !== undefined &&
        !treatment.follows.enforcedInSource &&
        hasSource(plan, treatment.follows.node)
      );
    case 'typedValue':
      return (plan.processes?.valueTypes.length ?? 0) > 0;
    default:
      return false;
  }
}

function hasSource(plan: RefreshPlan, node: number): boolean {
  return plan.nodes[node]?.source != null;
}

/** The staged column of a source column that a statement needs, such as the type of a typed value. */
export function stagedColumnNamed(shape: EntityShape, sourceColumn: string): StagedColumn {
  const wanted = sourceColumn.toLowerCase();
  const found = shape.staged.find((column) => column.source.column.toLowerCase() === wanted);
  if (found === undefined) {
    throw refuse(
      'schemaDiffers',
      'a column that the entity cannot do without is not carried',
      'Start a new refresh.',
      `${shape.name}, ${sourceColumn}`,
    );
  }
  return found;
}

/**
 * True if rows of the node are found through the key map; rows of others keep the source's key. Where rows are matched
 * by attributes, a row may stand for one with another key even though new rows keep theirs.
 */
export function isMapped(plan: RefreshPlan, node: PlannedNode): boolean {
  if (node.origin === 'preserved') return followedKey(plan, node) !== null || matchesRows(plan, node);
  return node.origin !== 'unavailable';
}

function matchesRows(plan: RefreshPlan, node: PlannedNode): boolean {
  const entity = plan.entities.find((each) => each.node === node.node);
  return entity !== undefined && entity.match.length > 0 && entity.onMatch !== 'insert';
}

/** The node whose image is the key of this node's rows (UserExtended: the user), if its key is a reference. */
export function followedKey(plan: RefreshPlan, node: PlannedNode): number | null {
  const entity = plan.entities.find((each) => each.node === node.node);
  const treatment = entity?.columns[0]?.treatment;
  return treatment?.kind === 'key' ? (treatment.follows?.node ?? null) : null;
}

/** Rows that match stay as they are, whatever they hold and refer to, and nothing tells them from the others afterwards. */
export function leavesMatched({ entity }: Pick<EntityShape, 'entity'>): boolean {
  return entity.match.length > 0 && entity.onMatch === 'skip';
}
