/**
 * An OutSystems factory as its developers see it: modules, entities, process definitions, keys. Nothing here
 * depends on an environment; numeric ids, physical names and data come from write/ and data/.
 */
import type { Random } from './random.js';

export type EnvironmentName = 'production' | 'qa';

/** 'Module.Entity', 'Module.Process' or 'Module.Role'. */
export type Path = string;

/** The part of a model that only one environment has published; absent: both have it. */
export interface Published {
  readonly onlyIn?: EnvironmentName;
}

export type AttributeType =
  | { readonly kind: 'text'; readonly length: number }
  | { readonly kind: 'decimal'; readonly length: number; readonly decimals: number }
  | { readonly kind: 'reference'; readonly to: Path }
  | { readonly kind: SimpleKind };

export type SimpleKind =
  'integer' | 'longInteger' | 'currency' | 'boolean' | 'date' | 'time' | 'dateTime' | 'phone' | 'email' | 'binary';

export type DeleteRule = 'Protect' | 'Delete' | 'Ignore';

/** Date, time and date-time are ISO texts with milliseconds that a datetime column holds exactly; decimals are texts. */
export type Literal = null | string | number | bigint | boolean | Buffer;

/** The identifier of the n-th row of the entity that an attribute refers to. */
export interface RowReference {
  readonly row: number;
}

/** For a reference attribute a literal is an identifier taken as it is: an orphan, or 0 as null identifier. */
export type GeneratedValue = Literal | RowReference;

/** What a value is computed from: the same seed, environment, entity and row always give the same value. */
export interface Cell {
  readonly environment: EnvironmentName;
  /** Ordinal of the row in its entity, of the instance in its definition; from 0. */
  readonly index: number;
  /** Rows of the entity, instances of the definition, in this environment. */
  readonly count: number;
  readonly random: Random;
  /** Unique text for this row in its entity; differs between environments. */
  readonly marker: string;
  /** Rows of another entity in this environment; users, groups and processes included. */
  rowsOf(entity: Path): number;
  /** A reference to the n-th of those rows; of processes and activities, to the n-th top process and its first activity. */
  nth(entity: Path, n: number): RowReference;
  /** The n-th top process of a definition, for a reference to ServiceCenter.Process; null when there are fewer. */
  topProcess(definition: Path, n: number): RowReference | null;
  /** The first activity of that process, which always exists. */
  firstActivity(definition: Path, n: number): RowReference | null;
}

export type ValueGenerator = (cell: Cell) => GeneratedValue;

export interface AttributeModel extends Published {
  readonly name: string;
  readonly key: string;
  readonly type: AttributeType;
  readonly mandatory: boolean;
  readonly autoNumber: boolean;
  readonly deleteRule: DeleteRule;
  /** false: deleted in Service Studio; its column is still there, with old data. */
  readonly active: boolean;
  /** The column is NOT NULL with a default; only left-overs of deleted attributes are. */
  readonly notNull?: boolean;
  readonly value?: ValueGenerator;
}

/** How many rows: a share of the rows asked for, or of another entity's rows. */
export interface Scale {
  readonly share: number;
  readonly of?: Path;
  readonly minimum?: number;
  readonly maximum?: number;
  /** Minimum in qa; default a third of the minimum. */
  readonly qaMinimum?: number;
}

export interface IndexModel {
  readonly attributes: readonly string[];
  readonly unique: boolean;
}

export interface StaticRecordModel extends Published {
  readonly name: string;
  readonly key: string;
  /** false: deleted; its row is gone from the physical table, its id may still be referred to. */
  readonly active: boolean;
  readonly values: Readonly<Record<string, Literal>>;
}

export interface EntityModel extends Published {
  readonly name: string;
  readonly key: string;
  readonly attributes: readonly AttributeModel[];
  /** Name of the identifier attribute. */
  readonly primaryKey: string;
  /** Name of the business attribute (unique in the entity) by which a row is known in every environment. */
  readonly marker: string;
  readonly kind: 'entity' | 'staticEntity';
  readonly active: boolean;
  readonly multiTenant: boolean;
  readonly exposeProcessEvents: boolean;
  readonly indexes: readonly IndexModel[];
  readonly records: readonly StaticRecordModel[];
  readonly scale: Scale;
  /** First identity value in an environment; default small and different in each. */
  readonly firstKey?: Readonly<Partial<Record<EnvironmentName, bigint>>>;
  /** A platform table that the entity stands for (OSSYS_USER ...): it gets no table of its own. */
  readonly systemTable?: string;
  readonly isActiveAttribute?: string;
  readonly labelAttribute?: string;
  readonly orderByAttribute?: string;
}

export interface ParameterModel extends Published {
  readonly name: string;
  /** Ends in .#EventGeneratedInput for the input that carries the launching row's identifier. */
  readonly key: string;
  readonly type: AttributeType;
  readonly active: boolean;
  readonly value?: ValueGenerator;
}

export type ActivityKind =
  'start' | 'human' | 'automatic' | 'wait' | 'conditionalStart' | 'executeProcess' | 'decision' | 'end';

/** Start On / Close On: what row of which entity an activity waits for. */
export interface ActivityEvent {
  readonly entity: Path;
  readonly onUpdate: boolean;
  /** The row waited for; absent: any. */
  readonly row?: ValueGenerator;
  /** Values of foreign-key attributes waited for; absent: any. */
  readonly filter?: Readonly<Record<string, ValueGenerator>>;
}

export interface ActivityModel extends Published {
  readonly name: string;
  readonly key: string;
  readonly kind: ActivityKind;
  readonly active: boolean;
  readonly outputs: readonly ParameterModel[];
  /** Executed process, of kind executeProcess. */
  readonly process?: Path;
  readonly event?: ActivityEvent;
  /** How often it may be instantiated in one process; default 1. */
  readonly maximumInstances?: number;
}

export interface ProcessModel extends Published {
  readonly name: string;
  readonly key: string;
  readonly active: boolean;
  /** A light process leaves no instances; it only subscribes to events. */
  readonly light: boolean;
  readonly inputs: readonly ParameterModel[];
  readonly outputs: readonly ParameterModel[];
  /** In the order in which they run. */
  readonly activities: readonly ActivityModel[];
  readonly launchOn?: { readonly entity: Path; readonly onUpdate: boolean };
  /** How many top processes. */
  readonly scale: Scale;
  readonly label?: (cell: Cell) => string;
}

export interface RoleModel extends Published {
  readonly name: string;
  readonly key: string;
  readonly active: boolean;
}

export interface TimerModel extends Published {
  readonly name: string;
  readonly key: string;
  /** One row for all tenants (OSSYS_CYCLIC_JOB_SHARED) or one a tenant (OSSYS_CYCLIC_JOB). */
  readonly shared: boolean;
  readonly schedule: string;
  /** Days from now; null: never. */
  readonly lastRunDays: number | null;
  readonly nextRunDays: number | null;
}

export interface ModuleModel extends Published {
  readonly name: string;
  readonly key: string;
  readonly kind: 'espace' | 'extension';
  readonly system: boolean;
  /** false: deleted; its name ends in (deleted0) and its key is another than before. */
  readonly active: boolean;
  readonly entities: readonly EntityModel[];
  readonly processes: readonly ProcessModel[];
  readonly roles: readonly RoleModel[];
  readonly timers: readonly TimerModel[];
  /** Names of the extensions it refers to. */
  readonly extensions: readonly string[];
}

export interface ApplicationModel {
  readonly name: string;
  readonly key: string;
  readonly active: boolean;
  readonly modules: readonly string[];
}

export interface SolutionModel {
  readonly name: string;
  readonly modules: readonly string[];
}

export interface TenantModel {
  readonly name: string;
  /** Module that provides its users. */
  readonly provider: string;
}

export interface UserSpec {
  readonly username: string;
  readonly name: string;
  readonly email: string;
  readonly phone: string;
  readonly externalId: string;
  readonly tenant: string;
  readonly active: boolean;
  readonly created: string;
  readonly lastLogin: string;
}

/** Users, groups and memberships of one environment; users and groups are named by their ordinal. */
export interface Directory {
  readonly users: readonly UserSpec[];
  readonly groups: readonly { readonly name: string; readonly tenant: string }[];
  readonly userRoles: readonly { readonly user: number; readonly role: Path }[];
  readonly groupRoles: readonly { readonly group: number; readonly role: Path }[];
  readonly groupUsers: readonly { readonly group: number; readonly user: number }[];
}

export interface FactoryModel {
  readonly modules: readonly ModuleModel[];
  readonly applications: readonly ApplicationModel[];
  readonly solutions: readonly SolutionModel[];
  readonly tenants: readonly TenantModel[];
  /** Default: generated by data/directory.ts. */
  readonly directory?: (environment: EnvironmentName) => Directory;
}
