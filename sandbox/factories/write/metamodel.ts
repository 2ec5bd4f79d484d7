/** Rows of the metamodel: applications, modules, entities, attributes, static records, definitions, roles. */
import type { AttributeType, EntityModel, ParameterModel } from '../model.js';
import type { Owned } from '../modelIndex.js';
import {
  activityKinds,
  activityStatuses,
  moduleKinds,
  processStatuses,
  terminalActivityStatuses,
  terminalProcessStatuses,
} from '../platformStatics.js';
import { attributeName, entityName } from './assignIdentifiers.js';
import { writeInOrder } from './ordered.js';
import type { Target } from './target.js';

const mainCatalog = 1;
const secondCatalog = 2;

export async function writeMetamodel(target: Target): Promise<void> {
  await writeModules(target);
  await writeEntities(target);
  await writeRecords(target);
  await writeDefinitions(target);
  await writeStatuses(target);
}

async function writeModules(target: Target): Promise<void> {
  const { ids, index, content } = target;
  const { applications, solutions } = content.model;
  const espaceOf = (name: string): number | null =>
    index.modules.some((each) => each.name === name && each.kind === 'espace') ? ids.id('espace', name) : null;
  const extensionOf = (name: string): number | null => (espaceOf(name) === null ? ids.id('extension', name) : null);
  await writeInOrder(target, 'OSSYS_DBCATALOG', [
    { ID: mainCatalog, NAME: '(Main)' },
    ...(target.catalog === null ? [] : [{ ID: secondCatalog, NAME: target.catalog.database }]),
  ]);
  await writeInOrder(target, 'OSSYS_MODULE_KIND', [
    { ID: moduleKinds.espace, LABEL: 'eSpace' },
    { ID: moduleKinds.extension, LABEL: 'Extension' },
  ]);
  await writeInOrder(
    target,
    'OSSYS_APPLICATION',
    applications.map((each) => ({
      ID: ids.id('application', each.key),
      NAME: each.name,
      KEY: each.key,
      DESCRIPTION: '',
      IS_ACTIVE: each.active,
    })),
  );
  await writeInOrder(
    target,
    'OSSYS_ESPACE',
    index.modules
      .filter((each) => each.kind === 'espace')
      .map((each) => ({
        ID: ids.id('espace', each.name),
        NAME: each.name,
        SS_KEY: each.key,
        IS_ACTIVE: each.active,
        IS_SYSTEM: each.system,
        IS_LOCKED: false,
        VERSION_ID: 4_000 + ids.id('espace', each.name),
        DBCATALOG_ID: target.catalog?.modules.has(each.name) === true ? secondCatalog : mainCatalog,
        PENDING_VERSION_ID: null,
        ESPACEKIND: 'WebResponsive',
      })),
  );
  await writeInOrder(
    target,
    'OSSYS_EXTENSION',
    index.modules
      .filter((each) => each.kind === 'extension')
      .map((each) => ({
        ID: ids.id('extension', each.name),
        NAME: each.name,
        SS_KEY: each.key,
        IS_ACTIVE: each.active,
      })),
  );
  await writeInOrder(
    target,
    'OSSYS_MODULE',
    index.modules.map((each) => ({
      ID: ids.id('module', each.name),
      MODULE_KIND_ID: moduleKinds[each.kind],
      ESPACE_ID: espaceOf(each.name),
      EXTENSION_ID: extensionOf(each.name),
    })),
  );
  await writeInOrder(
    target,
    'OSSYS_APP_DEFINITION_MODULE',
    applications.flatMap((each) =>
      each.modules.map((name) => ({
        APPLICATION_ID: ids.id('application', each.key),
        MODULE_ID: ids.id('module', name),
      })),
    ),
  );
  await writeInOrder(
    target,
    'OSSYS_ESPACE_EXTENSION',
    index.modules.flatMap((each) =>
      each.extensions.map((name) => ({
        ESPACE_ID: ids.id('espace', each.name),
        EXTENSION_ID: ids.id('extension', name),
      })),
    ),
  );
  await writeInOrder(
    target,
    'OSSYS_SOLUTION',
    solutions.map((each) => ({ ID: ids.id('solution', each.name), NAME: each.name, IS_ACTIVE: true })),
  );
  await writeInOrder(
    target,
    'OSSYS_SOLUTION_REFERENCE',
    solutions.flatMap((each) =>
      each.modules.map((name) => ({
        SOLUTION_ID: ids.id('solution', each.name),
        ESPACE_ID: espaceOf(name),
        EXTENSION_ID: extensionOf(name),
      })),
    ),
  );
  await writeInOrder(
    target,
    'OSSYS_ROLE',
    index.modules.flatMap((each) =>
      each.roles.map((role) => ({
        ID: ids.id('role', `${each.name}.${role.name}`),
        ESPACE_ID: ids.id('espace', each.name),
        SS_KEY: role.key,
        NAME: role.name,
        DESCRIPTION: '',
        PERSISTENT: true,
        IS_ACTIVE: role.active && each.active,
      })),
    ),
  );
}

function lengths(type: AttributeType): { LENGTH: number; DECIMALS: number } {
  if (type.kind === 'text') return { LENGTH: type.length, DECIMALS: 0 };
  if (type.kind === 'decimal') return { LENGTH: type.length, DECIMALS: type.decimals };
  if (type.kind === 'email') return { LENGTH: 250, DECIMALS: 0 };
  return { LENGTH: type.kind === 'phone' ? 20 : 0, DECIMALS: 0 };
}

async function writeEntities(target: Target): Promise<void> {
  const { ids, index } = target;
  const keyOf = (owner: Owned<EntityModel>, name: string | undefined): string =>
    owner.item.attributes.find((each) => each.active && each.name === name)?.key ?? '';
  await writeInOrder(
    target,
    'OSSYS_ENTITY',
    index.entities.map((owner) => ({
      ID: ids.id('entity', entityName(owner)),
      NAME: owner.item.name,
      PHYSICAL_TABLE_NAME: target.physical(owner).table,
      ESPACE_ID: owner.module.kind === 'espace' ? ids.id('espace', owner.module.name) : null,
      EXTENSION_ID: owner.module.kind === 'extension' ? ids.id('extension', owner.module.name) : null,
      SS_KEY: owner.item.key,
      PRIMARYKEY_SS_KEY: index.primaryKey(owner.item).key,
      IS_ACTIVE: owner.item.active,
      IS_SYSTEM: owner.item.systemTable !== undefined,
      IS_EXTERNAL: owner.module.kind === 'extension',
      DATA_KIND: owner.item.kind,
      EVENT_TABLE_NAME: target.physical(owner).eventTable,
      EXPOSE_PROCESS_EVENTS: owner.item.exposeProcessEvents,
      IS_ACTIVE_ATTRIBUTE: keyOf(owner, owner.item.isActiveAttribute),
      LABEL_ATTRIBUTE: keyOf(owner, owner.item.labelAttribute),
      ORDER_BY_ATTRIBUTE: keyOf(owner, owner.item.orderByAttribute),
    })),
  );
  await writeInOrder(
    target,
    'OSSYS_ENTITY_ATTR',
    index.entities.flatMap((owner) =>
      owner.item.attributes.map((attribute) => {
        const column = target.column(owner, attribute);
        return {
          ID: ids.id('attribute', attributeName(owner, attribute)),
          ENTITY_ID: ids.id('entity', entityName(owner)),
          NAME: attribute.name,
          TYPE: index.typeName(attribute.type),
          ...lengths(attribute.type),
          IS_MANDATORY: attribute.mandatory,
          IS_AUTONUMBER: attribute.autoNumber,
          DELETE_RULE: attribute.deleteRule,
          SS_KEY: attribute.key,
          IS_ACTIVE: attribute.active,
          DATABASE_NAME: column === attribute.name.toUpperCase() ? null : column,
          DEFAULT_VALUE: null,
        };
      }),
    ),
  );
}

async function writeRecords(target: Target): Promise<void> {
  const { ids, index } = target;
  await writeInOrder(
    target,
    'OSSYS_ENTITY_RECORD',
    index.entities.flatMap((owner) =>
      owner.item.records.map((record, ordinal) => ({
        ID: ids.id('record', `${owner.path} ${record.key}`),
        DATA_ID: String(target.keyOf(owner, ordinal)),
        NAME: record.name,
        SS_KEY: record.key,
        ENTITY_SS_KEY: owner.item.key,
        ESPACE_ID: ids.id('espace', owner.module.name),
        IS_ACTIVE: record.active,
      })),
    ),
  );
}

async function writeDefinitions(target: Target): Promise<void> {
  const { ids, index } = target;
  await writeInOrder(
    target,
    'OSSYS_BPM_PROCESS_DEFINITION',
    index.processes.map(({ path, module, item }) => ({
      ID: ids.id('processDefinition', path),
      ESPACE_ID: ids.id('espace', module.name),
      NAME: item.name,
      LABEL: item.name.replace(/(?<=[a-z])(?=[A-Z])/g, ' '),
      DESCRIPTION: '',
      SS_KEY: item.key,
      IS_ACTIVE: item.active && module.active,
      IS_LOCKED: false,
    })),
  );
  const parameterRows = (
    path: string,
    kind: string,
    parameters: readonly ParameterModel[],
    owner: Record<string, number>,
  ) =>
    parameters.map((each) => ({
      ID: ids.id('parameterDefinition', `${path} ${each.name}`, kind),
      ...owner,
      NAME: each.name,
      SS_KEY: each.key,
      IS_ACTIVE: each.active,
    }));
  const ofProcess = (path: string): Record<string, number> => ({ PROCESS_DEF_ID: ids.id('processDefinition', path) });
  await writeInOrder(
    target,
    'OSSYS_BPM_PROCESS_INPUT_DEF',
    index.processes.flatMap(({ path, item }) => parameterRows(path, 'input', item.inputs, ofProcess(path))),
  );
  await writeInOrder(
    target,
    'OSSYS_BPM_PROCESS_OUTPUT_DEF',
    index.processes.flatMap(({ path, item }) => parameterRows(path, 'output', item.outputs, ofProcess(path))),
  );
  await writeInOrder(
    target,
    'OSSYS_BPM_ACTIVITY_DEFINITION',
    index.activities.map(({ path, process, item }) => ({
      ID: ids.id('activityDefinition', path),
      PROCESS_DEF_ID: ids.id('processDefinition', process),
      NAME: item.name,
      LABEL: item.name,
      KIND: activityKinds[item.kind],
      SS_KEY: item.key,
      IS_ACTIVE: item.active,
    })),
  );
  await writeInOrder(
    target,
    'OSSYS_BPM_ACTIVITY_OUTPUT_DEF',
    index.activities.flatMap(({ path, item }) =>
      parameterRows(path, 'activity', item.outputs, { ACTIVITY_DEF_ID: ids.id('activityDefinition', path) }),
    ),
  );
}

async function writeStatuses(target: Target): Promise<void> {
  const rows = (statuses: Readonly<Record<string, number>>, terminal: readonly number[]) =>
    Object.entries(statuses).map(([name, id]) => ({
      ID: id,
      NAME: `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
      IS_TERMINAL: terminal.includes(id),
    }));
  await writeInOrder(target, 'OSSYS_BPM_PROCESS_STATUS', rows(processStatuses, terminalProcessStatuses));
  await writeInOrder(target, 'OSSYS_BPM_ACTIVITY_STATUS', rows(activityStatuses, terminalActivityStatuses));
}
