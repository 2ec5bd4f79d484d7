/** What every part of the writer works on: one environment's content, identifiers, physical names and connection. */
import type { Content } from '../data/content.js';
import type { AttributeModel, EntityModel, GeneratedValue, Path } from '../model.js';
import type { Owned } from '../modelIndex.js';
import type { Identifiers } from './identifiers.js';
import type { CellValue, Loader } from './load.js';
import type { PhysicalEntity } from './physicalNames.js';

/** A second database of the environment (OSSYS_DBCATALOG), with the tables of some modules. */
export interface Catalog {
  readonly database: string;
  /** The database of the platform, which its triggers write to. */
  readonly platform: string;
  readonly modules: ReadonlySet<string>;
  readonly loader: Loader;
}

export class Target {
  constructor(
    readonly content: Content,
    readonly ids: Identifiers,
    readonly names: ReadonlyMap<Owned<EntityModel>, PhysicalEntity>,
    readonly loader: Loader,
    readonly catalog: Catalog | null = null,
  ) {}

  /** The catalog that holds the tables of a module; null for those of the platform's database. */
  catalogOf({ module, item }: Owned<EntityModel>): Catalog | null {
    const { catalog } = this;
    return catalog !== null && catalog.modules.has(module.name) && item.systemTable === undefined ? catalog : null;
  }

  /** Where the tables of an entity are. */
  loaderOf(owner: Owned<EntityModel>): Loader {
    return this.catalogOf(owner)?.loader ?? this.loader;
  }

  get index(): Content['index'] {
    return this.content.index;
  }

  physical(owner: Owned<EntityModel>): PhysicalEntity {
    const found = this.names.get(owner);
    if (!found) throw new Error(`No physical name for ${owner.path}.`);
    return found;
  }

  column(owner: Owned<EntityModel>, attribute: AttributeModel): string {
    const found = this.physical(owner).columns.get(attribute);
    if (found === undefined) throw new Error(`No column for ${owner.path}.${attribute.name}.`);
    return found;
  }

  /** The identifier of a row, in this environment. */
  key(path: Path, ordinal: number): CellValue {
    return this.keyOf(this.index.entity(path), ordinal);
  }

  keyOf(owner: Owned<EntityModel>, ordinal: number): CellValue {
    const { item, path } = owner;
    if (item.systemTable) return this.systemKey(item.systemTable, ordinal);
    if (item.kind === 'staticEntity') return this.staticKey(owner, ordinal);
    const key = this.index.primaryKey(item);
    if (key.autoNumber)
      return this.ids.row(
        `${path}${item.active ? '' : ' deleted'}`,
        ordinal,
        item.firstKey?.[this.content.environment],
      );
    return this.resolve(key, this.content.value(owner, key, ordinal));
  }

  /** A generated value as it is stored. */
  resolve({ type }: Pick<AttributeModel, 'type'>, value: GeneratedValue): CellValue {
    if (value === null || typeof value !== 'object' || Buffer.isBuffer(value)) return value;
    if (type.kind !== 'reference') throw new Error('A value that is no reference refers to a row.');
    return this.key(type.to, value.row);
  }

  private staticKey(owner: Owned<EntityModel>, ordinal: number): CellValue {
    const record = owner.item.records[ordinal];
    if (!record) throw new RangeError(`${owner.path} has no record ${ordinal}.`);
    const key = this.index.primaryKey(owner.item);
    return key.autoNumber ? this.ids.id('staticRow', record.key, owner.path) : (record.values[key.name] ?? null);
  }

  private systemKey(table: string, ordinal: number): number {
    const { index, ids } = this;
    switch (table) {
      case 'OSSYS_USER':
        return ids.id('user', ordinal);
      case 'OSSYS_GROUP':
        return ids.id('group', ordinal);
      case 'OSSYS_TENANT':
        return ids.id('tenant', ordinal);
      case 'OSSYS_ESPACE':
        return ids.id(
          'espace',
          at(
            index.modules.filter((each) => each.kind === 'espace'),
            ordinal,
          ).name,
        );
      case 'OSSYS_ROLE':
        return ids.id(
          'role',
          at(
            index.modules.flatMap((each) => each.roles.map((role) => `${each.name}.${role.name}`)),
            ordinal,
          ),
        );
      case 'OSSYS_BPM_PROCESS_DEFINITION':
        return ids.id('processDefinition', at(index.processes, ordinal).path);
      case 'OSSYS_BPM_ACTIVITY_DEFINITION':
        return ids.id('activityDefinition', at(index.activities, ordinal).path);
      case 'OSSYS_BPM_PROCESS':
        return ids.process(ordinal);
      case 'OSSYS_BPM_ACTIVITY':
        return ids.activity(ordinal);
      default:
        throw new Error(`No identifiers for ${table}.`);
    }
  }
}

function at<T>(list: readonly T[], ordinal: number): T {
  const found = list[ordinal];
  if (found === undefined) throw new RangeError(`No item ${ordinal}.`);
  return found;
}
