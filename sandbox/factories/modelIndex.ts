/** Look-ups in a model as one environment has it published. */
import type {
  ActivityModel,
  AttributeModel,
  AttributeType,
  EntityModel,
  EnvironmentName,
  FactoryModel,
  ModuleModel,
  ParameterModel,
  Path,
  ProcessModel,
  Published,
} from './model.js';

export interface Owned<T> {
  readonly path: Path;
  readonly module: ModuleModel;
  readonly item: T;
}

export class ModelIndex {
  readonly modules: readonly ModuleModel[];
  readonly entities: readonly Owned<EntityModel>[];
  readonly processes: readonly Owned<ProcessModel>[];
  readonly activities: readonly (Owned<ActivityModel> & { readonly process: Path })[];
  private readonly entityByPath: ReadonlyMap<Path, Owned<EntityModel>>;
  private readonly processByPath: ReadonlyMap<Path, Owned<ProcessModel>>;

  constructor(
    readonly model: FactoryModel,
    readonly environment: EnvironmentName,
  ) {
    this.modules = this.published(model.modules).map((module) => ({
      ...module,
      entities: this.published(module.entities).map((entity) => ({
        ...entity,
        attributes: this.published(entity.attributes),
        records: this.published(entity.records),
      })),
      processes: this.published(module.processes).map((process) => ({
        ...process,
        inputs: this.published(process.inputs),
        outputs: this.published(process.outputs),
        activities: this.published(process.activities).map((activity) => ({
          ...activity,
          outputs: this.published(activity.outputs),
        })),
      })),
      roles: this.published(module.roles),
      timers: this.published(module.timers),
    }));
    this.entities = this.modules.flatMap((module) =>
      module.entities.map((item) => ({ path: `${module.name}.${item.name}`, module, item })),
    );
    this.processes = this.modules.flatMap((module) =>
      module.processes.map((item) => ({ path: `${module.name}.${item.name}`, module, item })),
    );
    this.activities = this.processes.flatMap((process) =>
      process.item.activities.map((item) => ({
        path: `${process.path}.${item.name}`,
        module: process.module,
        process: process.path,
        item,
      })),
    );
    // An active definition wins over a deleted one of the same name.
    const activeLast = <T extends { readonly active: boolean }>(list: readonly Owned<T>[]): Map<Path, Owned<T>> =>
      new Map([...list].sort((a, b) => Number(a.item.active) - Number(b.item.active)).map((each) => [each.path, each]));
    this.entityByPath = activeLast(this.entities);
    this.processByPath = activeLast(this.processes);
  }

  entity(path: Path): Owned<EntityModel> {
    const found = this.entityByPath.get(path);
    if (!found) throw new Error(`The model has no entity ${path} in ${this.environment}.`);
    return found;
  }

  process(path: Path): Owned<ProcessModel> {
    const found = this.processByPath.get(path);
    if (!found) throw new Error(`The model has no process ${path} in ${this.environment}.`);
    return found;
  }

  primaryKey(entity: EntityModel): AttributeModel {
    const found = entity.attributes.find((each) => each.active && each.name === entity.primaryKey);
    if (!found) throw new Error(`Entity ${entity.name} has no active attribute ${entity.primaryKey}.`);
    return found;
  }

  /** The type that values of a type are stored in: for references the identifier's of the entity referred to. */
  storedType(type: AttributeType): Exclude<AttributeType, { readonly kind: 'reference' }> {
    let current = type;
    for (let steps = 0; current.kind === 'reference'; steps++) {
      if (steps > 100) throw new Error(`The identifier of ${current.to} refers to itself.`);
      current = this.primaryKey(this.entity(current.to).item).type;
    }
    return current;
  }

  /** The type as the metamodel spells it: rt..., or bt<module key>*<entity key>. */
  typeName(type: AttributeType): string {
    if (type.kind !== 'reference') return runtimeTypes[type.kind];
    const { module, item } = this.entity(type.to);
    return `bt${module.key}*${item.key}`;
  }

  /** DATA_TYPE of process inputs and outputs: identifiers appear as the basic type that they are stored in. */
  dataType(parameter: ParameterModel): string {
    if (parameter.type.kind !== 'reference') return runtimeTypes[parameter.type.kind];
    return this.storedType(parameter.type).kind === 'text' ? 'rtText' : 'rtInteger';
  }

  private published<T extends Published>(items: readonly T[]): T[] {
    return items.filter((each) => each.onlyIn === undefined || each.onlyIn === this.environment);
  }
}

const runtimeTypes = {
  text: 'rtText',
  integer: 'rtInteger',
  longInteger: 'rtLongInteger',
  decimal: 'rtDecimal',
  currency: 'rtCurrency',
  boolean: 'rtBoolean',
  date: 'rtDate',
  time: 'rtTime',
  dateTime: 'rtDateTime',
  phone: 'rtPhoneNumber',
  email: 'rtEmail',
  binary: 'rtBinaryData',
} as const;
