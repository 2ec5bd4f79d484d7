import { buildPlan } from '../src/plan/buildPlan.js';
import type { RefreshPlan } from '../src/plan/refreshPlan.js';
import { configuration, factsOf, request } from '../test/unit/plan/facts.js';
import type { EntitySpec, FactorySpec } from '../test/unit/plan/specFactory.js';
import { inTurn, measure, spreadOf } from './measure.js';
import type { Bench } from './results.js';

const entities = 1_000;
const attributesEach = 20;
const modules = 20;

/** Pure planning of a big factory, from facts held in memory, and the size of what the workflow keeps of the plan. */
export const planning: Bench = {
  name: 'planning',
  what: `planning ${entities} entities with ${entities * attributesEach} attributes`,
  async run({ runs, report }) {
    const wanted = request({ scope: { applications: ['Big'] } });
    const facts = factsOf(bigFactory(), wanted);
    let plan: RefreshPlan | undefined;
    const { planning: samples } = await inTurn(Math.max(runs, 3), {
      planning: () =>
        measure(() => Promise.resolve((plan = buildPlan(wanted, configuration, facts.source, facts.destination)))),
    });
    report({
      what: 'planning',
      figure: spreadOf(samples.map(({ seconds }) => seconds)),
      unit: 's',
      target: 'under 3',
    });
    report({ what: 'planning, CPU', figure: spreadOf(samples.map(({ cpu }) => cpu)), unit: 's' });
    const kept = spreadOf([keptBytes(plan!) / 1e6]);
    report({ what: 'of the plan in one Temporal payload', figure: kept, unit: 'MB', target: 'at most 1' });
    report({ what: 'the plan in the state schema', figure: spreadOf([size(plan) / 1e6]), unit: 'MB' });
  },
};

const size = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** What grows with the factory in the answer of the activity `plan`: entities and items. */
function keptBytes(plan: RefreshPlan): number {
  return size({
    entities: plan.entities.map(({ node, rows }) => {
      const found = plan.nodes[node];
      return { espace: found?.espace, entity: found?.entity, rows };
    }),
    items: plan.items,
    applications: plan.applications.map(({ name }) => name),
  });
}

/** Every entity refers to three others of lower number, so that the graph is deep and has no cycle. */
function bigFactory(): FactorySpec {
  const specs: Record<string, { entities: Record<string, EntitySpec> }> = {};
  const pathOf = (index: number): string => `Module${index % modules}.Entity${index}`;
  for (let index = 0; index < entities; index += 1) {
    const attributes: Record<string, object> = {};
    for (let attribute = 1; attribute < attributesEach; attribute += 1) {
      const refers = attribute <= 3 && index > attribute;
      attributes[`Attribute${attribute}`] = refers
        ? { to: pathOf(Math.floor(index / (attribute + 1))), rule: attribute === 3 ? 'Ignore' : 'Protect' }
        : {};
    }
    const module = (specs[`Module${index % modules}`] ??= { entities: {} });
    module.entities[`Entity${index}`] = { attributes };
  }
  return { modules: specs, applications: { Big: Object.keys(specs) } };
}
