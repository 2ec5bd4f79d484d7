import { stateEntities, type StateEntity } from '../../../src/state/stateModule.js';
import type { StateColumn } from '../../../src/state/stateDefinition.js';
import { entity, module, simple, text, type EntityOptions } from '../define.js';
import type { FactoryModel, ModuleModel } from '../model.js';

/** Length of a Text attribute that the platform keeps as nvarchar(max). */
const longText = 10_000;

function attribute(name: string, { type }: StateColumn, options: object): EntityOptions['attributes'][number] {
  switch (type.kind) {
    case 'text':
      return text(name, type.length, options);
    case 'longText':
      return text(name, longText, options);
    default:
      return simple(name, type.kind, options);
  }
}

/** An entity as a developer publishes it from docs/state-module.md; like every entity it has a text to know its rows by. */
function published(wanted: StateEntity): (place: string) => ReturnType<ReturnType<typeof entity>> {
  const attributes = wanted.attributes.map(({ name, column }) =>
    attribute(name, column, { mandatory: true, autoNumber: name === wanted.identifier && wanted.autoNumber }),
  );
  return entity(wanted.name, {
    attributes: [...attributes, text('Remark', 50)],
    primaryKey: wanted.identifier,
    marker: 'Remark',
    indexes: [
      ...wanted.unique.map((names) => ({ attributes: names, unique: true })),
      ...wanted.indexes.map((names) => ({ attributes: names, unique: false })),
    ],
  });
}

/** The module that holds the state of refreshes, in QA only. */
export function refreshState(name = 'RefreshState'): ModuleModel {
  return module(name, { onlyIn: 'qa', entities: stateEntities.map(published) });
}

/** A factory with that module. */
export function withStateModule(model: FactoryModel): FactoryModel {
  return { ...model, modules: [...model.modules, refreshState()] };
}
