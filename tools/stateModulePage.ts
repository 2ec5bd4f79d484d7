import { format, resolveConfig } from 'prettier';
import { attributeType } from '../src/plan/stateModule.js';
import { stateEntities, type StateEntity } from '../src/state/stateModule.js';

/** docs/state-module.md as the code has it, laid out as prettier wants it. */
export async function stateModulePage(path: string): Promise<string> {
  const text = [
    '# A module for the state of runs',
    '',
    'Where the destination login may create no table, and nobody may create a schema for it, the state of a run (ledger, key map, snapshots of event subscriptions, plans and reports) lives in the entities of a module that you publish in the destination. Written by `npm run docs:state` from src/state; a test fails when it is out of date.',
    '',
    '1. Make a module `RefreshState`, or of any other name, with the entities below, in an application of its own: users see nothing of it, so it needs no screens and no logic. It must not be multi-tenant, and its entities must not expose process events.',
    '2. Call entities and attributes as they stand here, with the underscores: the columns are found by these names. An attribute that was deleted and made again lies in a column of another name; make its entity anew then.',
    '3. Give each entity the unique indexes named. A batch is written exactly once because of them; the plan looks for them. The others are for speed.',
    '4. Publish it in the destination, give the login SELECT, INSERT, UPDATE and DELETE on its tables ([permissions](permissions.md)), and configure:',
    '',
    '```yaml',
    'environments:',
    '  qa:',
    '    state: { espace: RefreshState }',
    '```',
    '',
    '`refresh plan` names whatever is amiss, entity by entity (`STATE_MODULE`, `RIGHTS_STATE_MODULE`). Texts may be longer than is said here. Whether an attribute is mandatory does not matter: its column accepts NULL in either case. Do not publish a changed module, and do not write to its entities, while a run is open; leave the module out of every refresh (`STATE_MODULE_MOVES`). To clear away the past, empty all entities together while no run is open and no event subscription is still to be restored.',
    '',
    `SQL Server may escalate row locks of these tables to the whole table, which makes writers wait for one another; an administrator prevents it with \`ALTER TABLE … SET (LOCK_ESCALATION = DISABLE)\` on those of ${sharedEntities()}. In a schema of its own the refresh does that itself.`,
    '',
    ...stateEntities.flatMap(entityLines),
  ].join('\n');
  return format(text, { ...(await resolveConfig(path)), parser: 'markdown' });
}

function sharedEntities(): string {
  return new Intl.ListFormat('en-GB').format(stateEntities.filter(({ shared }) => shared).map(({ name }) => name));
}

function entityLines({ name, purpose, attributes, identifier, autoNumber, unique, indexes }: StateEntity): string[] {
  return [
    `## ${name}`,
    '',
    purpose,
    '',
    '| attribute | type |',
    '| --- | --- |',
    ...attributes.map((attribute) => {
      const key = attribute.name === identifier ? `, identifier${autoNumber ? ', autonumber' : ', no autonumber'}` : '';
      return `| \`${attribute.name}\` | ${attributeType(attribute.column)}${key} |`;
    }),
    '',
    ...unique.flatMap((names) => [`Unique index: ${listOf(names)}.`, '']),
    ...indexes.flatMap((names) => [`Index: ${listOf(names)}.`, '']),
  ];
}

function listOf(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}
