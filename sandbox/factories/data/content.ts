/** The data of one environment as functions of ordinals: nothing is kept, so millions of rows can stream. */
import type {
  AttributeModel,
  Cell,
  Directory,
  EntityModel,
  EnvironmentName,
  FactoryModel,
  GeneratedValue,
  Path,
  RowReference,
  Scale,
  ValueGenerator,
} from '../model.js';
import { ModelIndex, type Owned } from '../modelIndex.js';
import { hashText, mix, Random } from '../random.js';
import { generateDirectory } from './directory.js';
import { ProcessLayout } from './processLayout.js';
import { generateValue } from './values.js';

/** Leftovers in qa are this share of production's rows. */
const qaShare = 0.1;

export class Content {
  readonly index: ModelIndex;
  readonly directory: Directory;
  readonly layout: ProcessLayout;
  private readonly counts = new Map<Path, number>();
  private readonly seeds = new Map<string, number>();
  private readonly cell: ReusableCell;

  constructor(
    readonly model: FactoryModel,
    readonly environment: EnvironmentName,
    readonly rows: number,
    readonly seed: number,
  ) {
    this.index = new ModelIndex(model, environment);
    const people = Math.min(2_000, Math.max(20, Math.floor(rows * 0.01)));
    this.directory = model.directory?.(environment) ?? generateDirectory(model, environment, people, seed);
    this.layout = new ProcessLayout(this.index, (process) => this.scaled(process.item.scale, process.path));
    this.cell = new ReusableCell(this);
  }

  /** Rows of an entity (system entities included), or instances of a process definition. */
  rowsOf(path: Path): number {
    let count = this.counts.get(path);
    if (count === undefined) {
      count = this.countRows(path);
      this.counts.set(path, count);
    }
    return count;
  }

  /** The value of an attribute in the index-th row. */
  value(owner: Owned<EntityModel>, attribute: AttributeModel, index: number): GeneratedValue {
    const cell = this.prepare(owner.path, `${attribute.name}${attribute.active ? '' : ' deleted'}`, index);
    if (attribute.value) return attribute.value(cell);
    const isKey = attribute.active && attribute.name === owner.item.primaryKey;
    if (isKey && attribute.type.kind === 'reference') return cell.nth(attribute.type.to, index);
    if (isKey && attribute.type.kind !== 'text') return index + 1;
    if (isKey || (attribute.active && attribute.name === owner.item.marker)) return cell.marker;
    return generateValue(this.index, attribute, cell);
  }

  /** Runs a generator of a process's value: the index-th instance of the definition is what it is computed from. */
  processValue(definition: Path, place: string, index: number, generate: ValueGenerator): GeneratedValue {
    return generate(this.prepare(definition, place, index));
  }

  /** Ordinal of the tenant that a row of a multi-tenant entity belongs to. */
  tenantOf(path: Path, index: number): number {
    const tenants = this.endUserTenants();
    return tenants[mix(hashText(path), index) % tenants.length] ?? 0;
  }

  /** Ordinals of the tenants that applications run in. */
  endUserTenants(): number[] {
    const all = this.model.tenants.map((_, ordinal) => ordinal);
    const endUser = all.filter((ordinal) => this.model.tenants[ordinal]?.provider !== 'ServiceCenter');
    return endUser.length > 0 ? endUser : all;
  }

  topProcess(definition: Path, n: number): RowReference | null {
    const block = this.layout.block(definition);
    return block && n >= 0 && n < block.instances ? { row: this.layout.processOrdinal(block, n, 0) } : null;
  }

  firstActivity(definition: Path, n: number): RowReference | null {
    const process = this.topProcess(definition, n);
    return process && { row: this.layout.activityOrdinal(process.row, 0) };
  }

  nth(path: Path, n: number): RowReference {
    const { systemTable } = this.index.entity(path).item;
    if (systemTable !== 'OSSYS_BPM_PROCESS' && systemTable !== 'OSSYS_BPM_ACTIVITY') return { row: n };
    const { block, instance } = this.layout.topProcess(n);
    const process = this.layout.processOrdinal(block, instance, 0);
    return { row: systemTable === 'OSSYS_BPM_PROCESS' ? process : this.layout.activityOrdinal(process, 0) };
  }

  private prepare(path: Path, place: string, index: number): Cell {
    const name = `${path}/${place}`;
    let seed = this.seeds.get(name);
    if (seed === undefined) {
      seed = mix(this.seed, hashText(`${this.environment} ${name}`));
      this.seeds.set(name, seed);
    }
    return this.cell.at(path, index, mix(seed, index));
  }

  private countRows(path: Path): number {
    const process = this.index.processes.find((each) => each.path === path);
    if (process) return this.scaled(process.item.scale, path);
    const { item } = this.index.entity(path);
    if (item.kind === 'staticEntity') return item.records.length;
    switch (item.systemTable) {
      case undefined: {
        const key = this.index.primaryKey(item).type;
        const most = key.kind === 'reference' ? this.rowsOf(key.to) : Infinity;
        return Math.min(this.scaled(item.scale, path), most);
      }
      case 'OSSYS_USER':
        return this.directory.users.length;
      case 'OSSYS_GROUP':
        return this.directory.groups.length;
      case 'OSSYS_TENANT':
        return this.model.tenants.length;
      case 'OSSYS_ESPACE':
        return this.index.modules.filter((each) => each.kind === 'espace').length;
      case 'OSSYS_ROLE':
        return this.index.modules.reduce((sum, each) => sum + each.roles.length, 0);
      case 'OSSYS_BPM_PROCESS_DEFINITION':
        return this.index.processes.length;
      case 'OSSYS_BPM_ACTIVITY_DEFINITION':
        return this.index.activities.length;
      case 'OSSYS_BPM_PROCESS':
      case 'OSSYS_BPM_ACTIVITY':
        return this.layout.topProcesses;
      default:
        throw new Error(`No rows are generated for ${item.systemTable}.`);
    }
  }

  private scaled(scale: Scale, path: Path): number {
    const minimum = scale.minimum ?? 0;
    const floor = this.environment === 'production' ? minimum : (scale.qaMinimum ?? Math.ceil(minimum / 3));
    if (scale.of === path) throw new Error(`The scale of ${path} refers to itself.`);
    const base = scale.of ? this.rowsOf(scale.of) : this.rows * (this.environment === 'production' ? 1 : qaShare);
    return Math.min(Math.max(Math.floor(base * scale.share), floor), scale.maximum ?? Infinity);
  }
}

/** One object serves all cells: it is moved from cell to cell, and is valid until the next one is asked for. */
class ReusableCell implements Cell {
  readonly environment: EnvironmentName;
  readonly random = new Random(0);
  index = 0;
  private path: Path = '';

  constructor(private readonly content: Content) {
    this.environment = content.environment;
  }

  readonly rowsOf = (entity: Path): number => this.content.rowsOf(entity);
  readonly nth = (entity: Path, n: number): RowReference => this.content.nth(entity, n);
  readonly topProcess = (definition: Path, n: number): RowReference | null => this.content.topProcess(definition, n);
  readonly firstActivity = (definition: Path, n: number): RowReference | null =>
    this.content.firstActivity(definition, n);

  get count(): number {
    return this.content.rowsOf(this.path);
  }

  get marker(): string {
    const name = this.path
      .slice(this.path.indexOf('.') + 1)
      .toUpperCase()
      .slice(0, 12);
    return `${this.environment === 'qa' ? 'QA-' : ''}${name}-${String(this.index + 1).padStart(6, '0')}`;
  }

  at(path: Path, index: number, seed: number): Cell {
    this.path = path;
    this.index = index;
    this.random.seed(seed);
    return this;
  }
}
