import type { AttributeModel, EntityModel } from '../model.js';
import type { Owned } from '../modelIndex.js';
import type { Target } from './target.js';

/** Assigns the ids of everything published. Users and groups included, because rows refer to them. */
export function assignIdentifiers({ ids, index, content }: Target): void {
  const names = (list: readonly { readonly name: string }[]): string[] => list.map((each) => each.name);
  const ordinals = (count: number): string[] => Array.from({ length: count }, (_, ordinal) => String(ordinal));
  ids.assign(
    'application',
    content.model.applications.map((each) => each.key),
  );
  ids.assign('espace', names(index.modules.filter((each) => each.kind === 'espace')));
  ids.assign('extension', names(index.modules.filter((each) => each.kind === 'extension')));
  ids.assign('module', names(index.modules));
  ids.assign('solution', names(content.model.solutions));
  ids.assign('entity', index.entities.map(entityName));
  ids.assign(
    'attribute',
    index.entities.flatMap((owner) => owner.item.attributes.map((each) => attributeName(owner, each))),
  );
  ids.assign(
    'record',
    index.entities.flatMap((owner) => owner.item.records.map((each) => `${owner.path} ${each.key}`)),
  );
  for (const owner of index.entities)
    ids.assign(
      'staticRow',
      owner.item.records.map((each) => each.key),
      owner.path,
    );
  ids.assign('tenant', ordinals(content.model.tenants.length));
  ids.assign('user', ordinals(content.directory.users.length));
  ids.assign('group', ordinals(content.directory.groups.length));
  ids.assign(
    'role',
    index.modules.flatMap((each) => each.roles.map((role) => `${each.name}.${role.name}`)),
  );
  ids.assign(
    'processDefinition',
    index.processes.map((each) => each.path),
  );
  for (const kind of ['input', 'output'] as const) {
    ids.assign(
      'parameterDefinition',
      index.processes.flatMap(({ path, item }) => item[`${kind}s`].map((each) => `${path} ${each.name}`)),
      kind,
    );
  }
  ids.assign(
    'parameterDefinition',
    index.activities.flatMap(({ path, item }) => item.outputs.map((each) => `${path} ${each.name}`)),
    'activity',
  );
  ids.assign(
    'activityDefinition',
    index.activities.map((each) => each.path),
  );
  ids.assign(
    'timer',
    index.modules.flatMap((each) => each.timers.map((timer) => `${each.name}.${timer.name}`)),
  );
}

export function entityName({ path, item }: Owned<EntityModel>): string {
  return `${path} ${item.active ? '' : 'deleted'}`;
}

export function attributeName(owner: Owned<EntityModel>, attribute: AttributeModel): string {
  return `${entityName(owner)} ${attribute.name} ${attribute.active ? '' : 'deleted'}`;
}
