/** Random factories for property tests: any modules, key kinds, cycles, clones, deletions, tenants, processes. */
import fc from 'fast-check';
import {
  activity,
  autoNumber,
  decimal,
  entity,
  module,
  parameter,
  process,
  record,
  reference,
  simple,
  text,
} from '../../sandbox/factories/define.js';
import { keyFor } from '../../sandbox/factories/keys.js';
import type {
  AttributeType,
  Cell,
  DeleteRule,
  EntityModel,
  EnvironmentName,
  FactoryModel,
  ModuleModel,
  ProcessModel,
} from '../../sandbox/factories/model.js';
import { cloneModule } from '../../sandbox/factories/modules/clone.js';
import { processInstance, serviceCenter, user, users } from '../../sandbox/factories/modules/serviceCenter.js';
import { validateModel } from '../../sandbox/factories/validateModel.js';

type KeyKind = 'auto' | 'autoInteger' | 'naturalInteger' | 'text' | 'ofUser' | 'ofEarlier' | 'static' | 'staticText';

interface Attribute {
  readonly type: AttributeType['kind'] | 'toProcess';
  readonly target: number;
  readonly rule: DeleteRule;
  readonly mandatory: boolean;
  readonly active: boolean;
  readonly onlyIn: EnvironmentName | null;
}

interface Entity {
  readonly key: KeyKind;
  readonly attributes: readonly Attribute[];
  readonly multiTenant: boolean;
  readonly events: boolean;
  readonly active: boolean;
  /** Every second row has the same code in both environments. */
  readonly shared: boolean;
  readonly unique: boolean;
}

interface Module {
  readonly entities: readonly Entity[];
  readonly cloned: boolean;
  readonly inApplication: boolean;
  readonly process: boolean;
  /** Its process executes one of the first module, and waits for particular rows. */
  readonly crossing: boolean;
  /** A definition that was taken out of the module, with the instances that it left. */
  readonly removed: 'Main' | 'Sub' | 'Do' | null;
}

const attribute: fc.Arbitrary<Attribute> = fc.record({
  type: fc.constantFrom<Attribute['type'][]>(
    'text', 'decimal', 'integer', 'longInteger', 'currency', 'boolean', 'date', 'time', 'dateTime', 'phone', 'email', 'binary',
    'reference', 'reference', 'reference', 'reference', 'toProcess',
  ), // prettier-ignore
  target: fc.nat(1_000),
  rule: fc.constantFrom<DeleteRule[]>('Protect', 'Protect', 'Delete', 'Ignore'),
  mandatory: fc.boolean(),
  active: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
  onlyIn: fc.integer({ min: 0, max: 23 }).map((n) => (n === 0 ? 'production' : n === 1 ? 'qa' : null)),
});

const entityShape: fc.Arbitrary<Entity> = fc.record({
  key: fc.constantFrom<KeyKind[]>(
    'auto',
    'auto',
    'auto',
    'autoInteger',
    'naturalInteger',
    'text',
    'ofUser',
    'ofEarlier',
    'static',
    'staticText',
  ),
  attributes: fc.array(attribute, { minLength: 1, maxLength: 6 }),
  multiTenant: fc.integer({ min: 0, max: 7 }).map((n) => n === 0),
  events: fc.boolean(),
  active: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
  shared: fc.boolean(),
  unique: fc.integer({ min: 0, max: 2 }).map((n) => n === 0),
});

const moduleShape: fc.Arbitrary<Module> = fc.record({
  entities: fc.array(entityShape, { minLength: 1, maxLength: 4 }),
  cloned: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
  inApplication: fc.integer({ min: 0, max: 4 }).map((n) => n > 0),
  process: fc.boolean(),
  crossing: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
  removed: fc.integer({ min: 0, max: 11 }).map((n) => (['Main', 'Sub', 'Do'] as const)[n] ?? null),
});

/** Models that `validateModel` accepts; a Delete rule that SQL Server would refuse is turned into Protect. */
export function randomFactory(): fc.Arbitrary<FactoryModel> {
  return fc.array(moduleShape, { minLength: 1, maxLength: 3 }).map(buildFactory);
}

function buildFactory(shapes: readonly Module[]): FactoryModel {
  const names = shapes.flatMap((shape, m) => shape.entities.map((each, e) => ({ path: `M${m}.E${e}`, shape: each })));
  const targets = names.filter((each) => each.shape.active).map((each) => each.path);
  const modules = shapes.map((shape, m) => {
    const crossed = shape.crossing && m > 0 && shapes[0]?.process === true ? 'M0.Sub' : null;
    return buildModule(shape, m, names, targets, crossed);
  });
  const clones = modules.filter((_, m) => shapes[m]?.cloned).map((each) => cloneModule(each, `${each.name}Clone`));
  const model: FactoryModel = {
    modules: [serviceCenter, users, ...modules, ...clones],
    applications: modules
      .filter((_, m) => shapes[m]?.inApplication)
      .map((each) => ({
        name: `Application of ${each.name}`,
        key: keyFor(`application ${each.name}`),
        active: true,
        modules: [each.name],
      })),
    solutions: [],
    tenants: [
      { name: 'ServiceCenter', provider: 'ServiceCenter' },
      { name: 'Users', provider: 'Users' },
      { name: 'Other', provider: 'Users' },
    ],
  };
  return withoutForbiddenCascades(model);
}

function buildModule(
  shape: Module,
  m: number,
  names: readonly { path: string; shape: Entity }[],
  targets: readonly string[],
  crossed: string | null,
): ModuleModel {
  const before = names.findIndex((each) => each.path === `M${m}.E0`);
  const elsewhere = names.find((each) => !each.path.startsWith(`M${m}.`) && raisesEvents(each.shape))?.path ?? user;
  return module(`M${m}`, {
    roles: [{ name: `Role${m}` }],
    entities: shape.entities.map((each, e) => {
      const earlier = names
        .slice(0, before + e)
        .filter((other) => other.shape.active && !other.shape.key.startsWith('static'));
      return buildEntity(each, e, earlier.at(-1)?.path, targets);
    }),
    processes: shape.process && targets[0] !== undefined ? buildProcesses(shape, m, targets, crossed, elsewhere) : [],
  });
}

function buildEntity(
  shape: Entity,
  e: number,
  earlier: string | undefined,
  targets: readonly string[],
): (place: string) => EntityModel {
  const isStatic = shape.key.startsWith('static');
  const others = shape.attributes.map((each, a) => buildAttribute(each, a, targets, isStatic));
  const options = {
    active: shape.active,
    multiTenant: shape.multiTenant && !isStatic,
    exposeProcessEvents: shape.events && shape.active && !isStatic,
    indexes: shape.unique && shape.active && !isStatic ? [{ attributes: ['Code'], unique: true }] : [],
  };
  const shared = (cell: Cell): string => (cell.index % 2 === 0 ? cell.marker.replace(/^QA-/, '') : cell.marker);
  const code = text('Code', 60, { mandatory: true, ...(shape.shared && !isStatic ? { value: shared } : {}) });
  const scale = { share: 0.05 * (e + 1), minimum: 6, qaMinimum: 4 };
  switch (shape.key) {
    case 'auto':
    case 'autoInteger':
      return entity(`E${e}`, {
        ...options,
        marker: 'Code',
        scale,
        attributes: [autoNumber(shape.key === 'auto' ? 'longInteger' : 'integer'), code, ...others],
      });
    case 'naturalInteger':
      return entity(`E${e}`, {
        ...options,
        marker: 'Code',
        scale,
        attributes: [simple('Id', 'integer', { mandatory: true }), code, ...others],
      });
    case 'text':
      return entity(`E${e}`, { ...options, marker: 'Code', primaryKey: 'Code', scale, attributes: [code, ...others] });
    case 'ofUser':
    case 'ofEarlier': {
      const owner = shape.key === 'ofEarlier' && earlier !== undefined ? earlier : user;
      return entity(`E${e}`, {
        ...options,
        marker: 'Code',
        scale: { share: 0.6, of: owner },
        attributes: [reference('Id', owner, 'Protect', { mandatory: true }), code, ...others],
      });
    }
    case 'static':
      return entity(`E${e}`, {
        ...options,
        marker: 'Code',
        attributes: [autoNumber('integer'), code],
        records: [
          ...['One', 'Two', 'Three'].map((name) =>
            record(name, { Code: name }, { active: name !== 'Three' || e % 2 === 0 }),
          ),
          ...(shape.shared ? [{ ...record('Four', { Code: 'Four' }), onlyIn: 'production' as const }] : []),
        ],
      });
    case 'staticText':
      return entity(`E${e}`, {
        ...options,
        marker: 'Code',
        primaryKey: 'Code',
        attributes: [code],
        records: ['one', 'Two', 'THREE'].map((name) => record(name, { Code: name })),
      });
  }
}

function buildAttribute(shape: Attribute, a: number, targets: readonly string[], isStatic: boolean) {
  const name = `A${a}`;
  const options = {
    mandatory: shape.mandatory,
    active: shape.active,
    ...(shape.onlyIn === null || isStatic ? {} : { onlyIn: shape.onlyIn }),
  };
  const target = targets[shape.target % (targets.length + 1)] ?? user;
  switch (shape.type) {
    case 'text':
      return text(name, [5, 50, 2_000, 5_000][shape.target % 4] ?? 50, options);
    case 'decimal':
      return decimal(name, 1 + (shape.target % 37), shape.target % Math.min(9, 1 + (shape.target % 37)), options);
    case 'reference':
      return isStatic ? text(name, 10, options) : reference(name, target, shape.rule, options);
    case 'toProcess':
      return isStatic
        ? text(name, 10, options)
        : reference(name, processInstance, shape.rule === 'Delete' ? 'Protect' : shape.rule, options);
    default:
      return simple(name, shape.type, options);
  }
}

function raisesEvents(shape: Entity): boolean {
  return shape.events && shape.active && !shape.key.startsWith('static');
}

function buildProcesses(
  shape: Module,
  m: number,
  targets: readonly string[],
  crossed: string | null,
  elsewhere: string,
): ((place: string) => ProcessModel)[] {
  const target = targets[m % targets.length] ?? user;
  const events = shape.entities.findIndex(raisesEvents);
  const launch = events >= 0 ? { launchOn: { entity: `M${m}.E${events}`, onUpdate: false } } : {};
  const awaited = `M${m}.E${events}`;
  const rowOf = (entity: string) => (cell: Cell) => {
    const rows = cell.rowsOf(entity);
    return rows === 0 || cell.index % 3 === 0 ? null : cell.nth(entity, cell.index % rows);
  };
  const event = { entity: awaited, onUpdate: true, ...(shape.crossing ? { row: rowOf(awaited) } : {}) };
  const waiting = events >= 0 ? { event } : {};
  return [
    process('Main', {
      ...launch,
      active: shape.removed !== 'Main',
      scale: { share: 0.02, minimum: 6 },
      inputs: [parameter('Row', { kind: 'reference', to: target }), parameter('Moment', { kind: 'dateTime' })],
      outputs: [parameter('Result', { kind: 'text', length: 100 })],
      activities: [
        activity('Start', 'start'),
        activity('Wait', 'wait', waiting),
        activity('Nested', 'executeProcess', { process: crossed ?? `M${m}.Sub` }),
        activity('End', 'end'),
      ],
    }),
    process('Sub', {
      active: shape.removed !== 'Sub',
      inputs: [parameter('By', { kind: 'reference', to: user })],
      activities: [
        activity('Start', 'start'),
        activity('Do', 'human', {
          active: shape.removed !== 'Do',
          // An entity that may well be outside the scope.
          event: { entity: elsewhere, onUpdate: shape.crossing, row: rowOf(elsewhere) },
          outputs: [parameter('Row', { kind: 'reference', to: target })],
        }),
        activity('End', 'end'),
      ],
    }),
  ];
}

/** Turns Delete rules into Protect, one after the other, until no table is reached by two cascades. */
function withoutForbiddenCascades(model: FactoryModel): FactoryModel {
  let current = model;
  for (const owner of model.modules.flatMap((each) => each.entities.map((item) => `${each.name}.${item.name}`))) {
    try {
      validateModel(current);
      return current;
    } catch (error) {
      if (!(error instanceof Error) || !error.message.includes('1785')) throw error;
      current = withRules(current, owner, 'Protect');
    }
  }
  return current;
}

function withRules(model: FactoryModel, owner: string, rule: DeleteRule): FactoryModel {
  return {
    ...model,
    modules: model.modules.map((each) => ({
      ...each,
      entities: each.entities.map((item) =>
        `${each.name}.${item.name}` === owner
          ? {
              ...item,
              attributes: item.attributes.map((a) => (a.deleteRule === 'Delete' ? { ...a, deleteRule: rule } : a)),
            }
          : item,
      ),
    })),
  };
}
