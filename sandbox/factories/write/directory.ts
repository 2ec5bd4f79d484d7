/** Tenants, users, groups and memberships. */
import { writeInOrder } from './ordered.js';
import type { Target } from './target.js';

export async function writeDirectory(target: Target): Promise<void> {
  const { ids, content } = target;
  const { users, groups, userRoles, groupRoles, groupUsers } = content.directory;
  const { tenants } = content.model;
  const tenantId = (name: string): number =>
    ids.id(
      'tenant',
      tenants.findIndex((each) => each.name === name),
    );
  await writeInOrder(
    target,
    'OSSYS_TENANT',
    tenants.map((each, ordinal) => ({
      ID: ids.id('tenant', ordinal),
      NAME: each.name,
      ESPACE_ID: ids.id('espace', each.provider),
      IS_ACTIVE: true,
    })),
  );
  await writeInOrder(
    target,
    'OSSYS_USER',
    users.map((each, ordinal) => ({
      ID: ids.id('user', ordinal),
      TENANT_ID: tenantId(each.tenant),
      NAME: each.name,
      USERNAME: each.username,
      PASSWORD: `$sandbox$${content.environment}$${ordinal}`,
      EMAIL: each.email,
      MOBILEPHONE: each.phone,
      EXTERNAL_ID: each.externalId,
      CREATION_DATE: each.created,
      LAST_LOGIN: each.lastLogin,
      IS_ACTIVE: each.active,
    })),
  );
  await writeInOrder(
    target,
    'OSSYS_GROUP',
    groups.map((each, ordinal) => ({
      ID: ids.id('group', ordinal),
      NAME: each.name,
      TENANT_ID: tenantId(each.tenant),
    })),
  );
  const tenantOfUser = (user: number): number => tenantId(users[user]?.tenant ?? '');
  const tenantOfGroup = (group: number): number => tenantId(groups[group]?.tenant ?? '');
  await writeInOrder(
    target,
    'OSSYS_USER_ROLE',
    userRoles.map(({ user, role }) => ({
      USER_ID: ids.id('user', user),
      ROLE_ID: ids.id('role', role),
      TENANT_ID: tenantOfUser(user),
    })),
  );
  await writeInOrder(
    target,
    'OSSYS_GROUP_ROLE',
    groupRoles.map(({ group, role }) => ({
      GROUP_ID: ids.id('group', group),
      ROLE_ID: ids.id('role', role),
      TENANT_ID: tenantOfGroup(group),
    })),
  );
  await writeInOrder(
    target,
    'OSSYS_GROUP_USER',
    groupUsers.map(({ group, user }) => ({
      GROUP_ID: ids.id('group', group),
      USER_ID: ids.id('user', user),
      TENANT_ID: tenantOfUser(user),
    })),
  );
}
