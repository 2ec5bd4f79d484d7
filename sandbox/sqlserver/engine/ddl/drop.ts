import type { DropStatement, ObjectName } from '../../tsql/ast.js';
import { unsupported } from '../../tsql/unsupported.js';
import type { Session } from '../session/session.js';
import { dropPrincipal } from '../rights/principals.js';
import { dropServerObjects } from '../rights/securityStatements.js';
import { cannotDrop } from './ddlErrors.js';
import { dropTable } from './dropTable.js';
import { mayAlter, writtenName } from './tableLookup.js';
import { dropSchema } from './schemas.js';
import { sameName } from '../catalog/names.js';

/** DROP of whatever the sandbox has. */
export async function dropObjects(session: Session, statement: DropStatement): Promise<void> {
  const { objectKind, names, ifExists } = statement;
  if (objectKind === 'database' || objectKind === 'login') {
    await dropServerObjects(
      session,
      objectKind,
      names.map(({ object }) => object),
      ifExists,
    );
    return;
  }
  for (const name of names) await dropOne(session, statement, objectKind, name);
}

async function dropOne(
  session: Session,
  statement: DropStatement,
  objectKind: Exclude<DropStatement['objectKind'], 'database' | 'login'>,
  name: ObjectName,
): Promise<void> {
  const { ifExists } = statement;
  switch (objectKind) {
    case 'table':
    case 'view':
      return dropTableOrView(session, objectKind, ifExists, name);
    case 'trigger':
      return dropTrigger(session, ifExists, name);
    case 'schema':
      return dropSchema(session, name.object, ifExists);
    case 'user':
    case 'role':
      return dropPrincipal(session, objectKind, name.object, ifExists);
    case 'procedure':
    case 'function':
    case 'type':
      // None exist, for they cannot be made.
      if (ifExists) return;
      throw objectKind === 'type'
        ? unsupported('DROP TYPE', statement.span)
        : cannotDrop(objectKind, writtenName(name));
  }
}

async function dropTableOrView(
  session: Session,
  kind: 'table' | 'view',
  ifExists: boolean,
  name: ObjectName,
): Promise<void> {
  const found = session.resolve(name);
  if (found?.kind !== kind) {
    if (ifExists && found === undefined) return;
    throw cannotDrop(kind, writtenName(name));
  }
  if (!mayAlter(session, found as Parameters<typeof mayAlter>[1])) throw cannotDrop(kind, writtenName(name));
  if (found.kind === 'table') await dropTable(session, found);
  else await session.catalog.delete(found);
}

async function dropTrigger(session: Session, ifExists: boolean, name: ObjectName): Promise<void> {
  const database = session.databaseNamed(name.database);
  const schema = session.catalog.schema(database.id, name.schema === '' ? session.defaultSchema : name.schema);
  const owner = schema === undefined ? undefined : session.catalog.ownerOf(database.id, schema.id, name.object);
  const collation = session.catalog.collationOf(database.id);
  const trigger = owner?.triggers.find((candidate) => sameName(candidate.name, name.object, collation));
  if (owner === undefined || trigger === undefined) {
    if (ifExists) return;
    throw cannotDrop('trigger', writtenName(name));
  }
  if (!mayAlter(session, owner)) throw cannotDrop('trigger', writtenName(name));
  await session.catalog.put({ ...owner, triggers: owner.triggers.filter((candidate) => candidate !== trigger) });
}
