/** Short forms with which the modules are described; every key not given is derived from the place in the model. */
import { keyFor } from './keys.js';
import type {
  ActivityKind,
  ActivityModel,
  AttributeModel,
  AttributeType,
  DeleteRule,
  EntityModel,
  Literal,
  ModuleModel,
  ParameterModel,
  Path,
  ProcessModel,
  RoleModel,
  Scale,
  SimpleKind,
  StaticRecordModel,
  TimerModel,
} from './model.js';

/** A description whose key is filled in when its owner is defined. */
type Keyed<T extends { readonly key: string }> = Omit<T, 'key'> & { readonly key?: string };

type AttributeOptions = Partial<Omit<AttributeModel, 'name' | 'type'>>;

function keyed<T extends { readonly key: string }>(
  items: readonly Keyed<T>[],
  place: string,
  names: (item: Keyed<T>) => string,
): T[] {
  return items.map((item) => ({ ...item, key: item.key ?? keyFor(`${place}/${names(item)}`) }) as T);
}

function attribute(name: string, type: AttributeType, options: AttributeOptions = {}): Keyed<AttributeModel> {
  return { name, type, mandatory: false, autoNumber: false, deleteRule: 'Protect', active: true, ...options };
}

export function text(name: string, length: number, options?: AttributeOptions): Keyed<AttributeModel> {
  return attribute(name, { kind: 'text', length }, options);
}

export function decimal(
  name: string,
  length: number,
  decimals: number,
  options?: AttributeOptions,
): Keyed<AttributeModel> {
  return attribute(name, { kind: 'decimal', length, decimals }, options);
}

export function simple(name: string, kind: SimpleKind, options?: AttributeOptions): Keyed<AttributeModel> {
  return attribute(name, { kind }, options);
}

export function reference(
  name: string,
  to: Path,
  deleteRule: DeleteRule,
  options?: AttributeOptions,
): Keyed<AttributeModel> {
  return attribute(name, { kind: 'reference', to }, { deleteRule, ...options });
}

/** The default identifier: Id, long integer, autonumber. */
export function autoNumber(
  kind: 'integer' | 'longInteger' = 'longInteger',
  options?: AttributeOptions,
): Keyed<AttributeModel> {
  return attribute('Id', { kind }, { mandatory: true, autoNumber: true, ...options });
}

export interface EntityOptions {
  readonly key?: string;
  readonly attributes: readonly Keyed<AttributeModel>[];
  readonly primaryKey?: string;
  readonly marker: string;
  readonly active?: boolean;
  readonly multiTenant?: boolean;
  readonly exposeProcessEvents?: boolean;
  readonly indexes?: EntityModel['indexes'];
  readonly records?: readonly Keyed<StaticRecordModel>[];
  readonly scale?: Scale;
  readonly firstKey?: NonNullable<EntityModel['firstKey']>;
  readonly systemTable?: string;
  readonly isActiveAttribute?: string;
  readonly labelAttribute?: string;
  readonly orderByAttribute?: string;
}

/** An entity; with records it is a static entity. The key of the place is completed by `espace`. */
export function entity(name: string, options: EntityOptions): (place: string) => EntityModel {
  return (module) => {
    const { attributes, records, key, ...rest } = options;
    const place = `${module}/${name}`;
    return {
      primaryKey: 'Id',
      active: true,
      multiTenant: false,
      exposeProcessEvents: false,
      indexes: [],
      scale: { share: 0, minimum: 0 },
      ...rest,
      name,
      key: key ?? keyFor(`${place}${rest.active === false ? ' deleted' : ''}`),
      attributes: keyed<AttributeModel>(attributes, place, (each) => `${each.name}${each.active ? '' : ' deleted'}`),
      kind: records ? 'staticEntity' : 'entity',
      records: keyed<StaticRecordModel>(
        records ?? [],
        place,
        (each) => `record ${each.name}${each.active ? '' : ' deleted'}`,
      ),
    };
  };
}

export function record(
  name: string,
  values: Readonly<Record<string, Literal>>,
  options: { active?: boolean; key?: string } = {},
): Keyed<StaticRecordModel> {
  return { name, values, active: true, ...options };
}

export function parameter(
  name: string,
  type: AttributeType,
  options: Partial<Omit<ParameterModel, 'name' | 'type'>> = {},
): Keyed<ParameterModel> {
  return { name, type, active: true, ...options };
}

export interface ActivityOptions extends Partial<Omit<ActivityModel, 'name' | 'kind' | 'outputs'>> {
  readonly outputs?: readonly Keyed<ParameterModel>[];
}

export function activity(
  name: string,
  kind: ActivityKind,
  options: ActivityOptions = {},
): (place: string) => ActivityModel {
  return (process) => {
    const { outputs, key, ...rest } = options;
    const place = `${process}/${name}`;
    return {
      active: true,
      ...rest,
      name,
      kind,
      key: key ?? keyFor(place),
      outputs: keyed<ParameterModel>(outputs ?? [], place, (each) => `output ${each.name}`),
    };
  };
}

export interface ProcessOptions extends Partial<Omit<ProcessModel, 'name' | 'inputs' | 'outputs' | 'activities'>> {
  readonly inputs?: readonly Keyed<ParameterModel>[];
  readonly outputs?: readonly Keyed<ParameterModel>[];
  readonly activities?: readonly ((place: string) => ActivityModel)[];
}

export function process(name: string, options: ProcessOptions): (place: string) => ProcessModel {
  return (module) => {
    const { inputs, outputs, activities, key, ...rest } = options;
    const place = `${module}/process ${name}`;
    return {
      active: true,
      light: false,
      scale: { share: 0, minimum: 0 },
      ...rest,
      name,
      key: key ?? keyFor(place),
      inputs: keyed<ParameterModel>(inputs ?? [], place, (each) => `input ${each.name}`),
      outputs: keyed<ParameterModel>(outputs ?? [], place, (each) => `output ${each.name}`),
      activities: (activities ?? []).map((each) => each(place)),
    };
  };
}

export interface ModuleOptions {
  readonly key?: string;
  readonly kind?: ModuleModel['kind'];
  readonly system?: boolean;
  readonly active?: boolean;
  readonly onlyIn?: NonNullable<ModuleModel['onlyIn']>;
  readonly entities?: readonly ((place: string) => EntityModel)[];
  readonly processes?: readonly ((place: string) => ProcessModel)[];
  readonly roles?: readonly (Pick<RoleModel, 'name'> & Partial<RoleModel>)[];
  readonly timers?: readonly Keyed<TimerModel>[];
  readonly extensions?: readonly string[];
}

export function module(name: string, options: ModuleOptions = {}): ModuleModel {
  const { key, entities, processes, roles, timers, ...rest } = options;
  return {
    kind: 'espace',
    system: false,
    active: true,
    extensions: [],
    ...rest,
    name,
    key: key ?? keyFor(`module ${name}`),
    entities: (entities ?? []).map((each) => each(name)),
    processes: (processes ?? []).map((each) => each(name)),
    roles: (roles ?? []).map((each) => ({ active: true, key: keyFor(`${name}/role ${each.name}`), ...each })),
    timers: keyed<TimerModel>(timers ?? [], name, (each) => `timer ${each.name}`),
  };
}
