import { entityName, foldKey, type Application, type Entity, type Module } from '../factory/factory.js';
import { isEntity, type FactoryIndex } from '../factory/factoryIndex.js';
import type { RefreshRequest } from '../contract.js';
import { nearestHint } from '../nearestName.js';
import { BadInputError } from './badInput.js';
import { finding } from './findings.js';
import { platformKinds } from './platformNodes.js';
import type { Finding } from './refreshPlan.js';

export interface Scope {
  /** Modules that the request names, by application, solution or espace: instances of their processes move. */
  readonly modules: readonly Module[];
  /** Entities whose rows move, in a stable order, each with the path that leads to it from the named scope. */
  readonly entities: readonly ScopedEntity[];
  readonly findings: readonly Finding[];
}

export interface ScopedEntity {
  readonly entity: Entity;
  /** Empty for entities of the named scope; else the references followed: Espace.Entity.Attribute, …, Espace.Entity. */
  readonly path: readonly string[];
}

/** An identifier value inside a process instance refers to an entity as an attribute does. */
export interface ValueReference {
  readonly topDefinitionId: number;
  readonly ssType: string;
}

/**
 * Modules that keep accounts, secrets and settings of their environment in ordinary entities (trap 84): their rows
 * move only when the request names the espace or the entity itself.
 */
const protectedModules =
  /^(servicecenter|users|lifetime\w*|ect_provider|epa_taskbox|performanceprobe\w*|idp|saml\w*)$/i;

/**
 * Which entities move: those of the named scope and, through every reference (delete rule Ignore included), the
 * producers they need. Throws BadInputError (SCOPE_UNKNOWN) with the nearest names for what does not exist.
 */
export function resolveScope(request: RefreshRequest, index: FactoryIndex, values: readonly ValueReference[]): Scope {
  const findings: Finding[] = [];
  const excluded = resolveExclusions(request, index);
  const modules = namedModules(request, index, findings);
  const named = request.scope.entities.map((name) => entityNamed(name, index, 'scope.entities'));
  const optedInModules = new Set(request.scope.espaces.map((name) => moduleNamed(name, index, 'scope.espaces').ref));
  const optedIn = new Set(named);
  if (modules.length === 0 && named.length === 0) {
    throw new BadInputError(
      'SCOPE_EMPTY',
      'The request names nothing to refresh.',
      'Name at least one solution, application, espace or entity under scope.',
    );
  }

  const movable = (entity: Entity): boolean => {
    if (excluded.modules.has(entity.module.ref) || excluded.entities.has(entity)) return false;
    if (entity.kind !== 'entity') return false;
    if (platformKinds.has(entity.table.table.toUpperCase())) return false;
    if (optedIn.has(entity)) return true;
    return !entity.system && !entity.external && (optedInModules.has(entity.module.ref) || !isProtected(entity.module));
  };
  const explain = (entity: Entity, reached: string): void => {
    if (excluded.modules.has(entity.module.ref) || excluded.entities.has(entity) || entity.kind !== 'entity') return;
    const subject = entityName(entity);
    if (entity.system) {
      if (optedIn.has(entity))
        findings.push(finding('SCOPE_SYSTEM_ENTITY', subject, 'It is a platform table; its rows are not copied.'));
    } else if (entity.external) {
      findings.push(
        finding('SCOPE_EXTERNAL_ENTITY', subject, `It is an external entity (${reached}); its rows are not copied.`),
      );
    } else if (isProtected(entity.module)) {
      findings.push(
        finding(
          'SCOPE_PROTECTED_MODULE',
          subject,
          `It belongs to a protected module (${reached}); its rows are not copied.`,
        ),
      );
    }
  };

  const found = new Map<Entity, readonly string[]>();
  const queue: Entity[] = [];
  const add = (entity: Entity, path: readonly string[]): void => {
    if (found.has(entity)) return;
    found.set(entity, path);
    queue.push(entity);
  };
  const refs = new Set(modules.map((module) => module.ref));
  for (const entity of index.factory.entities) {
    if (!refs.has(entity.module.ref)) continue;
    if (movable(entity)) add(entity, []);
    else explain(entity, 'in the named scope');
  }
  for (const entity of named) {
    if (movable(entity)) add(entity, []);
    else explain(entity, 'named in scope.entities');
  }

  const explained = new Set<Entity>();
  const outside = (target: Entity, path: readonly string[]): void => {
    if (found.has(target) || explained.has(target)) return;
    if (!movable(target)) {
      explained.add(target);
      if (!target.system) explain(target, `referred to by ${path.at(-1) ?? ''}`);
      return;
    }
    const full = [...path, entityName(target)];
    if (request.producers === 'include') {
      add(target, full);
      return;
    }
    explained.add(target);
    if (request.producers === 'refuse') {
      findings.push(
        finding(
          'SCOPE_PRODUCER_REFUSED',
          entityName(target),
          `It is outside the scope but referred to: ${full.join(' → ')}.`,
        ),
      );
    }
  };
  const scopeDefinitions = new Set(
    index.factory.processes.definitions.filter((each) => refs.has(`espace:${each.parentId}`)).map((each) => each.id),
  );
  if (request.processes.migrate) {
    for (const value of values) {
      if (!scopeDefinitions.has(value.topDefinitionId)) continue;
      const target = index.entityOfType(value.ssType);
      if (target !== null) outside(target, [`values of process ${definitionName(index, value.topDefinitionId)}`]);
    }
  }
  for (let entity = queue.shift(); entity !== undefined; entity = queue.shift()) {
    const path = found.get(entity) ?? [];
    const prefix = path.slice(0, -1);
    for (const attribute of entity.attributes) {
      const target = index.referenceOf(entity, attribute);
      if (target === null || target === 'unknown' || !isEntity(target)) continue;
      outside(target, [...prefix, `${entityName(entity)}.${attribute.name}`]);
    }
  }
  for (const [entity, path] of found) {
    if (path.length > 0)
      findings.push(finding('SCOPE_PRODUCER_INCLUDED', entityName(entity), `Pulled in by ${path.join(' → ')}.`));
  }
  const entities = [...found].map(([entity, path]) => ({ entity, path }));
  return {
    modules: modules.filter((module) => !excluded.modules.has(module.ref)),
    entities: entities.sort((a, b) => compareText(entityName(a.entity), entityName(b.entity))),
    findings,
  };
}

export function isProtected(module: Module): boolean {
  return module.system || protectedModules.test(module.name);
}

function namedModules(request: RefreshRequest, index: FactoryIndex, findings: Finding[]): Module[] {
  const refs = new Set<string>();
  for (const name of request.scope.solutions) solutionNamed(name, index).modules.forEach((ref) => refs.add(ref));
  for (const name of request.scope.applications) {
    const application = applicationNamed(name, index);
    application.modules.forEach((ref) => refs.add(ref));
    const namesakes = index.factory.applications.filter(
      (each) => !each.active && sameText(each.name, application.name),
    );
    if (namesakes.length > 0) {
      findings.push(
        finding(
          'SCOPE_DELETED_NAMESAKE',
          application.name,
          `${namesakes.length} deleted application(s) bear the same name.`,
        ),
      );
    }
  }
  for (const name of request.scope.espaces) refs.add(moduleNamed(name, index, 'scope.espaces').ref);
  return [...refs].flatMap((ref) => index.moduleByRef(ref) ?? []).filter((module) => module.active);
}

function solutionNamed(name: string, index: FactoryIndex) {
  const active = index.factory.solutions.filter((solution) => solution.active);
  const [found] = active.filter((solution) => sameText(solution.name, name));
  if (found !== undefined) return found;
  throw unknown(
    'solution',
    name,
    'scope.solutions',
    active.map((each) => each.name),
    index.factory.solutions.some((each) => sameText(each.name, name)),
  );
}

/** Deleted applications keep their names (trap 6): only active ones count. */
function applicationNamed(name: string, index: FactoryIndex): Application {
  const active = index.factory.applications.filter((application) => application.active);
  const found = active.filter((application) => sameText(application.name, name) || application.key === foldKey(name));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  if (found.length > 1) {
    throw new BadInputError(
      'SCOPE_AMBIGUOUS',
      `The source has ${found.length} active applications named ${name}.`,
      `Name one by its key: ${found.map((each) => each.key).join(', ')}.`,
    );
  }
  const deleted = index.factory.applications.some((application) => sameText(application.name, name));
  throw unknown(
    'application',
    name,
    'scope.applications',
    active.map((each) => each.name),
    deleted,
  );
}

function moduleNamed(name: string, index: FactoryIndex, where: string): Module {
  const active = index.factory.modules.filter((module) => module.active);
  const found = active.find((module) => sameText(module.name, name) || module.key === foldKey(name));
  if (found !== undefined) return found;
  const deleted = index.factory.modules.some(
    (module) => !module.active && module.name.toLowerCase().startsWith(`${name.toLowerCase()}(deleted`),
  );
  throw unknown(
    'espace',
    name,
    where,
    active.map((each) => each.name),
    deleted,
  );
}

function entityNamed(name: string, index: FactoryIndex, where: string): Entity {
  const found = index.entityNamed(name);
  if (found !== null) return found;
  throw unknown('entity', name, where, index.factory.entities.map(entityName), false);
}

function resolveExclusions(
  request: RefreshRequest,
  index: FactoryIndex,
): { modules: Set<string>; entities: Set<Entity> } {
  const modules = new Set<string>();
  const entities = new Set<Entity>();
  for (const name of request.scope.exclude) {
    const entity = index.entityNamed(name);
    const application = index.factory.applications.find(
      (each) => each.active && (sameText(each.name, name) || each.key === foldKey(name)),
    );
    const module = index.factory.modules.find(
      (each) => each.active && (sameText(each.name, name) || each.key === foldKey(name)),
    );
    if (entity !== null) entities.add(entity);
    application?.modules.forEach((ref) => modules.add(ref));
    if (module !== undefined) modules.add(module.ref);
    if (entity === null && application === undefined && module === undefined) {
      const candidates = [...index.factory.applications, ...index.factory.modules]
        .filter((each) => each.active)
        .map((each) => each.name);
      throw unknown(
        'application, espace or entity',
        name,
        'scope.exclude',
        [...candidates, ...index.factory.entities.map(entityName)],
        false,
      );
    }
  }
  return { modules, entities };
}

function unknown(
  what: string,
  name: string,
  where: string,
  candidates: readonly string[],
  deleted: boolean,
): BadInputError {
  const state = deleted ? 'is deleted in' : 'does not exist in';
  return new BadInputError(
    'SCOPE_UNKNOWN',
    `${where}: the ${what} ${name} ${state} the source${nearestHint(name, candidates)}.`,
    'Correct the name, or use the SS_Key.',
  );
}

function definitionName(index: FactoryIndex, id: number): string {
  return index.factory.processes.definitions.find((each) => each.id === id)?.name ?? String(id);
}

function sameText(a: string, b: string): boolean {
  return a.toLowerCase() === b.trim().toLowerCase();
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
