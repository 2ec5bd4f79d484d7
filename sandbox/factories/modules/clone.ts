import { keyFor } from '../keys.js';
import type { AttributeType, ModuleModel, ParameterModel, Path } from '../model.js';

/**
 * A module cloned in Service Studio: a new key of its own, every other key as in the original (guide, Factory
 * Database: "the Entity SS_Key is not unique"); references inside the module follow the clone. It belongs to no application.
 */
export function cloneModule(original: ModuleModel, name: string): ModuleModel {
  const inClone = (path: Path): Path =>
    path.startsWith(`${original.name}.`) ? `${name}${path.slice(original.name.length)}` : path;
  const typeInClone = (type: AttributeType): AttributeType =>
    type.kind === 'reference' ? { kind: 'reference', to: inClone(type.to) } : type;
  const parameters = (list: readonly ParameterModel[]): ParameterModel[] =>
    list.map((each) => ({ ...each, type: typeInClone(each.type) }));
  return {
    ...original,
    name,
    key: keyFor(`module ${name}`),
    entities: original.entities.map((entity) => ({
      ...entity,
      scale: entity.scale.of ? { ...entity.scale, of: inClone(entity.scale.of) } : { share: 0, minimum: 5 },
      attributes: entity.attributes.map((attribute) => ({ ...attribute, type: typeInClone(attribute.type) })),
    })),
    processes: original.processes.map((process) => ({
      ...process,
      scale: { share: 0, minimum: 3 },
      inputs: parameters(process.inputs),
      outputs: parameters(process.outputs),
      ...(process.launchOn ? { launchOn: { ...process.launchOn, entity: inClone(process.launchOn.entity) } } : {}),
      activities: process.activities.map((activity) => ({
        ...activity,
        outputs: parameters(activity.outputs),
        ...(activity.process ? { process: inClone(activity.process) } : {}),
        ...(activity.event ? { event: { ...activity.event, entity: inClone(activity.event.entity) } } : {}),
      })),
    })),
  };
}
