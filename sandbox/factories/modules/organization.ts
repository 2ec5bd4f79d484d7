/** Shapes that loading in one order cannot solve: a self reference, a cycle of two, keys that are users, tenants. */
import {
  activity,
  autoNumber,
  entity,
  module,
  parameter,
  process,
  record,
  reference,
  simple,
  text,
} from '../define.js';
import { keyFor } from '../keys.js';
import type { ModuleModel } from '../model.js';
import { group, user } from './serviceCenter.js';

const department = 'Organization.Department';
const team = 'Organization.Team';
const member = 'Organization.Member';
const teamKind = 'Organization.TeamKind';

export const organization: ModuleModel = module('Organization', {
  roles: [{ name: 'OrganizationManager' }, { name: 'Retired', active: false }],
  entities: [
    entity('TeamKind', {
      marker: 'Label',
      attributes: [
        autoNumber('integer'),
        text('Label', 50, { mandatory: true }),
        simple('Order', 'integer', { mandatory: true }),
        simple('Is_Active', 'boolean', { mandatory: true }),
      ],
      records: [
        record('Product', { Label: 'Product', Order: 1, Is_Active: true }),
        record('Support', { Label: 'Support', Order: 2, Is_Active: true }),
        record('TaskForce', { Label: 'Task force', Order: 3, Is_Active: true }),
      ],
    }),
    entity('Department', {
      marker: 'Code',
      scale: { share: 0.005, minimum: 14 },
      attributes: [
        autoNumber(),
        text('Code', 40, { mandatory: true }),
        text('Name', 60),
        reference('ParentId', department, 'Protect', {
          mandatory: true,
          value: ({ index, random }) =>
            index === 0 ? { row: 0 } : index === 1 ? null : { row: random.integer(index) },
        }),
        reference('ManagerId', user, 'Protect'),
      ],
    }),
    entity('Team', {
      marker: 'Code',
      scale: { share: 0.01, minimum: 10 },
      attributes: [
        autoNumber(),
        text('Code', 40, { mandatory: true }),
        reference('LeadId', member, 'Protect'),
        reference('DepartmentId', department, 'Protect', { mandatory: true }),
        reference('KindId', teamKind, 'Protect', { mandatory: true }),
      ],
    }),
    entity('Member', {
      marker: 'Code',
      scale: { share: 0.04, minimum: 30 },
      attributes: [
        autoNumber(),
        text('Code', 40, { mandatory: true }),
        reference('TeamId', team, 'Protect', { mandatory: true }),
        reference('UserId', user, 'Protect'),
        reference('GroupId', group, 'Ignore'),
      ],
    }),
    entity('AccessToken', {
      primaryKey: 'Token',
      marker: 'Token',
      scale: { share: 0.05, minimum: 12 },
      attributes: [
        text('Token', 36, { mandatory: true, value: ({ marker }) => keyFor(`token ${marker}`) }),
        reference('MemberId', member, 'Delete'),
        simple('ExpiresAt', 'dateTime'),
        text('PreviousToken', 36),
      ],
    }),
    entity('UserExtended', {
      marker: 'Code',
      scale: { share: 0.8, of: user, minimum: 1 },
      attributes: [
        reference('Id', user, 'Delete', { mandatory: true, value: ({ index }) => ({ row: index }) }),
        text('Code', 40, { mandatory: true }),
        text('Theme', 20),
        reference('CityId', 'People.City', 'Ignore'),
      ],
    }),
    entity('Announcement', {
      marker: 'Code',
      multiTenant: true,
      scale: { share: 0.01, minimum: 16 },
      indexes: [{ attributes: ['Title'], unique: false }],
      attributes: [
        autoNumber('integer'),
        text('Code', 40, { mandatory: true }),
        text('Title', 100),
        reference('AuthorId', user, 'Ignore'),
        simple('PublishedAt', 'dateTime'),
      ],
    }),
    entity('Office', {
      active: false,
      marker: 'Code',
      scale: { share: 0, minimum: 5 },
      attributes: [
        autoNumber(),
        text('Code', 40, { mandatory: true }),
        reference('DepartmentId', department, 'Ignore'),
      ],
    }),
  ],
  processes: [
    process('MemberOnboarding', {
      scale: { share: 0.01, minimum: 8 },
      label: ({ marker }) => `Onboarding ${marker}`,
      launchOn: { entity: user, onUpdate: false },
      inputs: [
        parameter('UserId', { kind: 'reference', to: user }),
        parameter('DepartmentId', { kind: 'reference', to: department }),
        parameter('TeamKindId', { kind: 'reference', to: teamKind }),
        parameter('StartsOn', { kind: 'date' }),
      ],
      activities: [
        activity('Start', 'start'),
        activity('AssignTeam', 'human', { outputs: [parameter('TeamId', { kind: 'reference', to: team })] }),
        activity('Welcome', 'automatic'),
        activity('End', 'end'),
      ],
    }),
  ],
});
