/** Which entities and process trees a request moves, from the model alone: the rules of docs/request.md, not the product's code. */
import { ModelIndex } from '../../../sandbox/factories/modelIndex.js';
import type { AttributeModel, EntityModel, FactoryModel } from '../../../sandbox/factories/model.js';
import type { OracleReading } from '../../../sandbox/factories/oracle.js';
import {
  keptMarker,
  type Circumstances,
  type DataMode,
  type EntityOptions,
  type Options,
  type Policy,
} from '../randomRequest.js';

const noOptions: EntityOptions = {
  data: null,
  match: [],
  onMatch: 'update',
  where: null,
  events: 'refuse',
  attributes: {},
};

export class OracleScope {
  readonly source: ModelIndex;
  readonly destination: ModelIndex;
  /** Modules whose process instances move. */
  readonly modules: ReadonlySet<string>;
  /** 'Module.Entity' of the entities whose rows move. */
  readonly moved: ReadonlySet<string>;

  /** Entities that would have to move too, with `producers: refuse`. */
  readonly refusedProducers: readonly string[];

  /** What is asked for, as far as the destination's login may do it. */
  readonly options: Options;

  constructor(
    readonly model: FactoryModel,
    readonly circumstances: Circumstances,
    production: OracleReading,
    private readonly destinationAtFirst: OracleReading,
  ) {
    const options = withinRights(circumstances);
    this.options = options;
    this.source = new ModelIndex(model, 'production');
    this.destination = new ModelIndex(model, 'qa');
    const { scope } = options;
    const named = model.applications.filter((each) => scope.applications.includes(each.name));
    this.modules = new Set([...named.flatMap((each) => each.modules), ...scope.espaces]);
    const { found, refused } = this.closure(production);
    this.moved = found;
    this.refusedProducers = refused;
  }

  /** Whether the destination's login may write no table but those of applications (docs/permissions.md). */
  get writesApplicationsOnly(): boolean {
    return this.circumstances.people.login === 'applicationTables';
  }

  entity(path: string): EntityModel {
    return this.source.entity(path).item;
  }

  optionsOf(path: string): EntityOptions {
    return this.options.entities[path] ?? noOptions;
  }

  dataOf(path: string): DataMode {
    return this.optionsOf(path).data ?? this.options.destinationData;
  }

  /** Rows of the destination that are found again take the source's values, or stay. */
  matches(path: string): boolean {
    const { match, onMatch } = this.optionsOf(path);
    return match.length > 0 && onMatch !== 'insert';
  }

  /** A row that was in the destination at the beginning, and that `keepRows` names. */
  survives(path: string, marker: string): boolean {
    return (
      this.circumstances.keepsRows.includes(path) &&
      keptMarker.test(marker) &&
      this.destinationAtFirst.entities.get(path)?.has(marker) === true
    );
  }

  policiesOf(path: string, attribute: string): { readonly unmapped: Policy; readonly orphans: Policy } {
    const own = this.optionsOf(path).attributes[attribute];
    return { unmapped: own?.unmapped ?? this.options.unmapped, orphans: own?.orphans ?? this.options.orphans };
  }

  /** Attributes that both environments have. */
  carried(path: string): AttributeModel[] {
    const there = this.destination.entity(path).item.attributes;
    return this.entity(path).attributes.filter(
      (each) => each.active && there.some((other) => other.active && other.key === each.key),
    );
  }

  /** An attribute of production that the destination does not have. */
  lacks(path: string, attribute: string): boolean {
    const own = this.entity(path).attributes.some((each) => each.name === attribute);
    return own && !this.carried(path).some((each) => each.name === attribute);
  }

  /** Active reference attributes of an entity to others, as pairs of name and target. */
  references(path: string): { readonly attribute: AttributeModel; readonly to: string }[] {
    return this.entity(path).attributes.flatMap((attribute) =>
      attribute.active && attribute.type.kind === 'reference' ? [{ attribute, to: attribute.type.to }] : [],
    );
  }

  /** References that lie on a cycle of entities that move (processes included), so that the product may set them later. */
  mayBeSetLater(from: string, to: string): boolean {
    const seen = new Set<string>();
    const pending = [to];
    for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
      if (path === from) return true;
      if (seen.has(path)) continue;
      seen.add(path);
      if (this.moved.has(path)) pending.push(...this.references(path).map((each) => each.to));
      // The values of processes may refer to anything.
      if (path === 'ServiceCenter.Process' || path === 'ServiceCenter.Activity') pending.push(...this.moved);
    }
    return false;
  }

  private closure(production: OracleReading): { found: Set<string>; refused: string[] } {
    const { scope, producers } = this.options;
    const found = new Set<string>();
    const movable = (path: string): boolean => {
      const { item, module } = this.source.entity(path);
      return (
        item.active &&
        module.active &&
        !module.system &&
        item.kind === 'entity' &&
        !scope.exclude.includes(path) &&
        !scope.exclude.includes(module.name)
      );
    };
    const values = this.options.processes.migrate ? this.valueTargets(production) : [];
    const pending = [
      ...this.source.entities.filter((each) => this.modules.has(each.module.name)).map((each) => each.path),
      ...scope.entities,
      ...(producers === 'include' ? values : []),
    ];
    for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
      if (found.has(path) || !movable(path)) continue;
      found.add(path);
      if (producers === 'include') pending.push(...this.references(path).map((each) => each.to));
    }
    const referred = [...values, ...[...found].flatMap((path) => this.references(path).map((each) => each.to))];
    const refused = referred.filter((path) => producers === 'refuse' && movable(path) && !found.has(path));
    return { found, refused: [...new Set(refused)] };
  }

  /** Entities that values of the trees in scope refer to. */
  private valueTargets(production: OracleReading): string[] {
    const targets = new Set<string>();
    for (const [label, process] of production.processes) {
      if (!this.modules.has(this.moduleOfTree(production, label))) continue;
      for (const value of Object.values(process))
        if (value !== null && typeof value === 'object') targets.add(value.to);
    }
    for (const activity of production.activities.values()) {
      if (!this.modules.has(this.moduleOfTree(production, String(activity['PROCESS_ID'])))) continue;
      for (const value of Object.values(activity))
        if (value !== null && typeof value === 'object') targets.add(value.to);
    }
    return [...targets].filter((path) => !path.startsWith('ServiceCenter.'));
  }

  /** Module of the definition at the top of a process's tree. */
  moduleOfTree(reading: OracleReading, label: string): string {
    const top = reading.processes.get(String(reading.processes.get(label)?.['TOP_PROCESS_ID']));
    return this.moduleOfDefinition(String(top?.['PROCESS_DEF_ID']));
  }

  /** Whether the definition of a process or an activity, with the keys of its owners before its own, is still part of its module. */
  isPublished(marker: string): boolean {
    const key = marker.slice(marker.lastIndexOf('*') + 1).toLowerCase();
    const definitions = this.model.modules
      .filter((each) => marker.toLowerCase().startsWith(`${each.key.toLowerCase()}*`))
      .flatMap((each) => each.processes.flatMap((process) => [process, ...process.activities]));
    return definitions.find((each) => each.key.toLowerCase() === key)?.active ?? true;
  }

  /** A definition is known as 'module key*definition key'. */
  moduleOfDefinition(marker: string): string {
    const key = marker.slice(0, marker.indexOf('*')).toLowerCase();
    return this.model.modules.find((each) => each.key.toLowerCase() === key)?.name ?? '';
  }
}

/** With a login for application tables only users are matched, and no process instance moves (docs/permissions.md). */
function withinRights({ options, people }: Circumstances): Options {
  if (people.login !== 'applicationTables') return options;
  return {
    ...options,
    users: { ...options.users, mode: 'matchOnly' },
    processes: { ...options.processes, migrate: false },
  };
}
