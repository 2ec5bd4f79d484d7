import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entityName } from '../../../src/factory/factory.js';
import { FactoryIndex } from '../../../src/factory/factoryIndex.js';
import { resolveScope } from '../../../src/plan/scope.js';
import { request } from './facts.js';
import { factoryOf, type EntitySpec, type FactorySpec } from './specFactory.js';

const count = 8;

/** Entities E0 … E7 in two modules, with any references among them. */
const references = fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1), fc.boolean()), { maxLength: 16 });

function moduleOf(index: number): string {
  return index % 2 === 0 ? 'Even' : 'Odd';
}

function nameOf(index: number): string {
  return `${moduleOf(index)}.E${index}`;
}

function specOf(list: readonly (readonly [number, number, boolean])[]): FactorySpec {
  const entities: Record<string, Record<string, EntitySpec>> = { Even: {}, Odd: {} };
  for (let index = 0; index < count; index++) {
    const attributes = Object.fromEntries(
      list.flatMap(([from, to, ignore], at) =>
        from === index ? [[`Ref${at}`, { to: nameOf(to), ...(ignore ? { rule: 'Ignore' as const } : {}) }]] : [],
      ),
    );
    Object.assign(entities[moduleOf(index)] ?? {}, { [`E${index}`]: { attributes } });
  }
  return { modules: { Even: { entities: entities['Even'] ?? {} }, Odd: { entities: entities['Odd'] ?? {} } } };
}

describe('the closure of a scope', () => {
  it('is exactly what the named entities reach by references, of any delete rule', () => {
    fc.assert(
      fc.property(references, fc.nat(count - 1), (list, start) => {
        const index = new FactoryIndex(factoryOf(specOf(list), 'source'));
        const scope = resolveScope(request({ scope: { entities: [nameOf(start)] } }), index, []);
        const reached = new Set([start]);
        for (const each of reached) for (const [from, to] of list) if (from === each) reached.add(to);
        expect(scope.entities.map(({ entity }) => entityName(entity))).toEqual([...reached].map(nameOf).sort());
      }),
    );
  });

  it('gives each producer a path of real references that begins in the named scope', () => {
    fc.assert(
      fc.property(references, fc.nat(count - 1), (list, start) => {
        const index = new FactoryIndex(factoryOf(specOf(list), 'source'));
        const scope = resolveScope(request({ scope: { entities: [nameOf(start)] } }), index, []);
        for (const { entity, path } of scope.entities) {
          if (path.length === 0) {
            expect(entityName(entity)).toBe(nameOf(start));
            continue;
          }
          expect(path.at(-1)).toBe(entityName(entity));
          let owner = nameOf(start);
          for (const step of path.slice(0, -1)) {
            expect(step.startsWith(`${owner}.`)).toBe(true);
            const reference = list[Number(step.split('.Ref')[1])];
            owner = nameOf(reference?.[1] ?? -1);
          }
          expect(owner).toBe(entityName(entity));
        }
      }),
    );
  });

  it('leaves out what is excluded, and whatever only that leads to', () => {
    const spec = specOf([
      [0, 1, false],
      [1, 3, false],
      [0, 2, false],
    ]);
    const scope = resolveScope(
      request({ scope: { entities: ['Even.E0'], exclude: ['Odd.E1'] } }),
      new FactoryIndex(factoryOf(spec, 'source')),
      [],
    );
    expect(scope.entities.map(({ entity }) => entityName(entity))).toEqual(['Even.E0', 'Even.E2']);
  });

  it('reaches entities that values of processes name', () => {
    const spec: FactorySpec = {
      modules: { App: { processes: ['Approve'] }, Core: { entities: { Order: {} } } },
      applications: { App: ['App'] },
    };
    const factory = factoryOf(spec, 'source');
    const values = [{ topDefinitionId: factory.processes.definitions[0]?.id ?? 0, ssType: 'btk-core*e-order' }];
    const scope = resolveScope(request({ scope: { applications: ['App'] } }), new FactoryIndex(factory), values);
    expect(scope.entities).toMatchObject([{ path: ['values of process Approve', 'Core.Order'] }]);
  });

  it('cannot be empty', () => {
    expect(() => resolveScope(request({}), new FactoryIndex(factoryOf({ modules: {} }, 'source')), [])).toThrow(
      /names nothing to refresh/,
    );
  });
});
