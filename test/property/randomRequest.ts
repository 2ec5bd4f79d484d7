/** Random options of a refresh over a random factory; the same seed gives the same. */
import fc from 'fast-check';
import { generateDirectory } from '../../sandbox/factories/data/directory.js';
import type { FactoryModel } from '../../sandbox/factories/model.js';
import { usersDraw, weighted, type MatchAttribute, type UsersDraw, type UsersMode } from './randomUsers.js';

export type Policy = 'fail' | 'setNull' | 'quarantine';
export type DataMode = 'deleteFirst' | 'keep';

/** The part of a request that the property varies, with every default spelt out. */
export interface Options {
  readonly scope: {
    readonly applications: readonly string[];
    readonly espaces: readonly string[];
    readonly entities: readonly string[];
    readonly exclude: readonly string[];
  };
  readonly producers: 'include' | 'matchOnly' | 'refuse';
  readonly destinationData: DataMode;
  readonly keys: 'auto' | 'generate' | 'preserve';
  readonly tenants: 'map' | 'exclude' | 'fail';
  readonly users: {
    readonly mode: UsersMode;
    readonly scope: 'referenced' | 'all';
    readonly match: readonly MatchAttribute[];
    readonly map: string | null;
    readonly passwords: 'blank' | 'keep' | 'fixed';
    readonly fallback: string | null;
    readonly keep: readonly string[];
  };
  readonly processes: {
    readonly migrate: boolean;
    readonly statuses: 'all' | readonly string[];
    readonly inactiveDefinitions: boolean;
    readonly nextRun: 'hold' | 'shift' | 'keep';
  };
  readonly orphans: Policy;
  readonly unmapped: Policy;
  readonly entities: Readonly<Record<string, EntityOptions>>;
  readonly batch: { readonly rows: number };
}

export interface EntityOptions {
  readonly data: DataMode | null;
  readonly match: readonly string[];
  readonly onMatch: 'update' | 'skip' | 'insert';
  readonly where: string | null;
  readonly events: 'refuse' | 'queue';
  readonly attributes: Readonly<Record<string, { readonly unmapped?: Policy; readonly orphans?: Policy }>>;
}

/** What is done to the destination before the refresh, and who carries it out. */
export interface Circumstances {
  readonly options: Options;
  readonly people: UsersDraw;
  /** The destination lacks production's tenant Other, and has one that production lacks. */
  readonly otherTenant: boolean;
  readonly again: boolean;
  /** Entities of whose rows `keepRows` names those whose marker matches `keptMarker`. */
  readonly keepsRows: readonly string[];
}

/** The file of `users.map`, in the configuration's folder. */
export const userMapFile = 'users.csv';

/** Rows that `keepRows` lets survive where a seed asks for it. */
export const keptMarker = /[27]$/;

/** Rows whose code ends in 1 stay behind. */
export const whereCondition = "CODE NOT LIKE N'%1'";

interface Draws {
  readonly scope: number;
  readonly pick: number;
  readonly exclude: number;
  readonly entities: readonly EntityDraw[];
}

interface EntityDraw {
  readonly data: DataMode | null;
  readonly match: boolean;
  readonly skip: boolean;
  readonly where: boolean;
  readonly policy: Policy | null;
  readonly attribute: number;
}

const policy = (...weights: [number, number, number]): fc.Arbitrary<Policy> =>
  weighted<Policy>(['setNull', weights[0]], ['quarantine', weights[1]], ['fail', weights[2]]);

const draws: fc.Arbitrary<Draws> = fc.record({
  scope: fc.nat(9),
  pick: fc.nat(1_000),
  exclude: fc.nat(5),
  entities: fc.array(
    fc.record({
      data: weighted<DataMode | null>([null, 14], ['keep', 1], ['deleteFirst', 1]),
      match: weighted([true, 9], [false, 1]),
      skip: fc.boolean(),
      where: weighted([false, 7], [true, 1]),
      policy: weighted<Policy | null>([null, 3], ['setNull', 1], ['quarantine', 1]),
      attribute: fc.nat(5),
    }),
    { minLength: 24, maxLength: 24 },
  ),
});

const request = fc.record({
  producers: weighted<Options['producers']>(['include', 8], ['matchOnly', 2], ['refuse', 1]),
  destinationData: weighted<DataMode>(['deleteFirst', 3], ['keep', 1]),
  keys: weighted<Options['keys']>(['auto', 8], ['generate', 4], ['preserve', 1]),
  tenants: weighted<Options['tenants']>(['exclude', 4], ['map', 1], ['fail', 1]),
  users: fc.record({
    mode: weighted<UsersMode>(['createMissing', 4], ['update', 4], ['matchOnly', 2]),
    scope: weighted<Options['users']['scope']>(['referenced', 3], ['all', 1]),
    passwords: weighted<Options['users']['passwords']>(['blank', 2], ['keep', 1], ['fixed', 1]),
    fallback: weighted<string | null>([null, 3], ['qa.tester', 2]),
  }),
  processes: fc.record({
    migrate: weighted([true, 8], [false, 1]),
    statuses: weighted<Options['processes']['statuses']>(['all', 5], [['Active'], 1], [['Closed', 'Suspended'], 1]),
    nextRun: weighted<Options['processes']['nextRun']>(['hold', 1], ['shift', 1], ['keep', 1]),
  }),
  orphans: policy(5, 3, 1),
  unmapped: policy(5, 3, 1),
  batch: fc.record({ rows: weighted([1, 1], [3, 2], [7, 2], [1_000, 2]) }),
});

const survivals = fc.record({
  users: weighted<readonly string[]>([[], 2], [['qa.tester', 'admin'], 1], [keptPeople(), 1]),
  inactiveDefinitions: fc.boolean(),
  inserts: weighted([false, 11], [true, 1]),
  rows: fc.array(weighted([false, 14], [true, 1]), { minLength: 24, maxLength: 24 }),
});

/** Logins of the first people, whom both environments have under other ids. */
function keptPeople(): string[] {
  return generateDirectory({ modules: [], applications: [], solutions: [], tenants: [] }, 'qa', 4, 1).users.map(
    (each) => each.username,
  );
}

export function randomCircumstances(model: FactoryModel): fc.Arbitrary<Circumstances> {
  return fc
    .record({
      draws,
      request,
      otherTenant: weighted([false, 3], [true, 1]),
      again: weighted([false, 3], [true, 1]),
      survivals,
      people: usersDraw,
    })
    .map(({ draws: drawn, request: options, otherTenant, again, survivals: spared, people }) => {
      const { recreate, match, map, queuesEvents } = people;
      const circumstances: Circumstances = {
        options: {
          ...options,
          users: {
            ...options.users,
            ...(recreate === null ? {} : { mode: 'recreate' }),
            keep: spared.users,
            match,
            map: map.length === 0 ? null : userMapFile,
          },
          processes: { ...options.processes, inactiveDefinitions: spared.inactiveDefinitions },
          scope: scopeOf(model, drawn),
          entities: entityOptions(model, drawn, options, spared.inserts, queuesEvents),
        },
        people,
        otherTenant,
        again,
        keepsRows: ordinaryEntities(model)
          .map(({ path }) => path)
          .filter((_, n) => spared.rows[n % spared.rows.length]),
      };
      return recreate === 'where nothing else refers' ? movingEverything(model, circumstances) : circumstances;
    });
}

/** No row stays behind that could refer to a user who is deleted. */
function movingEverything(model: FactoryModel, circumstances: Circumstances): Circumstances {
  const { options } = circumstances;
  return {
    ...circumstances,
    options: {
      ...options,
      scope: {
        applications: [],
        espaces: model.modules.filter((each) => !each.system).map((each) => each.name),
        entities: [],
        exclude: [],
      },
      producers: 'include',
      destinationData: 'deleteFirst',
      processes: { ...options.processes, migrate: true },
      entities: Object.fromEntries(
        Object.entries(options.entities).map(([path, each]) => [path, { ...each, data: null }]),
      ),
    },
    people: { ...circumstances.people, login: 'owner' },
    otherTenant: false,
    keepsRows: [],
  };
}

function ordinaryEntities(model: FactoryModel): { path: string; attributes: readonly string[] }[] {
  return model.modules
    .filter((module) => !module.system)
    .flatMap((module) =>
      module.entities
        .filter((each) => each.active && each.kind === 'entity')
        .map((each) => ({
          path: `${module.name}.${each.name}`,
          attributes: each.attributes
            .filter((attribute) => attribute.active && attribute.type.kind === 'reference' && attribute.onlyIn !== 'qa')
            .map((attribute) => attribute.name),
        })),
    );
}

function scopeOf(model: FactoryModel, { scope, pick, exclude }: Draws): Options['scope'] {
  const applications = model.applications.map((each) => each.name);
  const espaces = model.modules.filter((each) => !each.system).map((each) => each.name);
  const entities = ordinaryEntities(model).map((each) => each.path);
  const at = (list: readonly string[]): string[] => {
    const found = list[pick % Math.max(1, list.length)];
    return found === undefined ? [] : [found];
  };
  const excluded = exclude === 0 ? at([...entities].reverse()) : [];
  const empty = { applications: [], espaces: [], entities: [], exclude: excluded };
  if (scope < 5 && applications.length > 0) return { ...empty, applications };
  if (scope < 7 && applications.length > 0) return { ...empty, applications: at(applications) };
  if (scope === 7 && entities.length > 0) return { ...empty, entities: at(entities), exclude: [] };
  return { ...empty, espaces: scope === 8 ? espaces : at(espaces) };
}

function entityOptions(
  model: FactoryModel,
  { entities }: Draws,
  { destinationData, producers }: Pick<Options, 'destinationData' | 'producers'>,
  inserts: boolean,
  queuesEvents: boolean,
): Options['entities'] {
  return Object.fromEntries(
    ordinaryEntities(model).map(({ path, attributes }, n): [string, EntityOptions] => {
      const drawn = entities[n % entities.length];
      const attribute = attributes[(drawn?.attribute ?? 0) % Math.max(1, attributes.length)];
      const keeps = (drawn?.data ?? destinationData) === 'keep';
      return [
        path,
        {
          data: drawn?.data ?? null,
          match: drawn?.match === true && (keeps || producers === 'matchOnly') ? ['Code'] : [],
          onMatch: inserts ? 'insert' : drawn?.skip === true ? 'skip' : 'update',
          where: drawn?.where === true ? whereCondition : null,
          events: queuesEvents ? 'queue' : 'refuse',
          attributes:
            attribute === undefined || drawn?.policy == null
              ? {}
              : { [attribute]: { unmapped: drawn.policy, orphans: drawn.policy } },
        },
      ];
    }),
  );
}
