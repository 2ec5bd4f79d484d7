import type { EntityOptions, RefreshRequest, UnmappedPolicy } from '../contract.js';
import { entityName, foldName, type Entity } from '../factory/factory.js';
import { nearestHint } from '../nearestName.js';
import { BadInputError } from './badInput.js';

/** What an entity that the request does not name has. */
export const noOptions: EntityOptions = {
  data: null,
  match: [],
  onMatch: 'insert',
  keepRows: [],
  where: null,
  events: 'refuse',
  attributes: {},
};

/** The operator's options for an entity, by name in any case. */
export function optionsOf(request: RefreshRequest, entity: Entity): EntityOptions {
  const name = entityName(entity).toLowerCase();
  const found = Object.entries(request.entities).find(([key]) => key.toLowerCase() === name);
  return found?.[1] ?? noOptions;
}

/** What becomes of references without an image and of orphans: the attribute's own word, else the request's. */
export function policyFor(
  request: RefreshRequest,
  options: EntityOptions,
  attribute: string,
): { unmapped: UnmappedPolicy; orphans: UnmappedPolicy } {
  const own = Object.entries(options.attributes).find(([name]) => foldName(name) === foldName(attribute))?.[1];
  return { unmapped: own?.unmapped ?? request.unmapped, orphans: own?.orphans ?? request.orphans };
}

/** Throws BadInputError for an option that names an attribute which the entity lacks. */
export function checkedOptions(options: EntityOptions, entity: Entity): EntityOptions {
  const known = entity.attributes.map((attribute) => attribute.name);
  const folded = new Set(known.map(foldName));
  for (const name of [...options.match, ...Object.keys(options.attributes)]) {
    if (folded.has(foldName(name))) continue;
    throw new BadInputError(
      'OPTION_UNKNOWN_ATTRIBUTE',
      `entities.${entityName(entity)}: the entity has no active attribute ${name}${nearestHint(name, known)}.`,
      'Correct the name.',
    );
  }
  return options;
}
