/** The system module whose entities stand for platform tables, and the Users module that provides end users. */
import { autoNumber, entity, module, reference, simple, text } from '../define.js';
import type { ModuleModel } from '../model.js';

export const user = 'ServiceCenter.User';
export const group = 'ServiceCenter.Group';
export const role = 'ServiceCenter.Role';
export const tenant = 'ServiceCenter.Tenant';
export const espace = 'ServiceCenter.Espace';
export const processInstance = 'ServiceCenter.Process';
export const activityInstance = 'ServiceCenter.Activity';
export const processDefinition = 'ServiceCenter.Process_Definition';
export const activityDefinition = 'ServiceCenter.Activity_Definition';

const name = text('Name', 250);

export const serviceCenter: ModuleModel = module('ServiceCenter', {
  system: true,
  entities: [
    entity('User', {
      systemTable: 'OSSYS_USER',
      marker: 'Username',
      exposeProcessEvents: true,
      attributes: [
        autoNumber('integer'),
        reference('Tenant_Id', tenant, 'Protect'),
        text('Name', 256),
        text('Username', 250),
        text('Password', 256),
        simple('Email', 'email'),
        text('MobilePhone', 20),
        text('External_Id', 36),
        simple('Creation_Date', 'dateTime'),
        simple('Last_Login', 'dateTime'),
        simple('Is_Active', 'boolean'),
      ],
    }),
    entity('Group', {
      systemTable: 'OSSYS_GROUP',
      marker: 'Name',
      attributes: [autoNumber('integer'), name, reference('Tenant_Id', tenant, 'Protect')],
    }),
    entity('Role', {
      systemTable: 'OSSYS_ROLE',
      marker: 'Name',
      attributes: [
        autoNumber('integer'),
        reference('Espace_Id', espace, 'Protect'),
        text('SS_Key', 75),
        name,
        simple('Is_Active', 'boolean'),
      ],
    }),
    entity('Tenant', {
      systemTable: 'OSSYS_TENANT',
      marker: 'Name',
      attributes: [
        autoNumber('integer'),
        text('Name', 50),
        reference('Espace_Id', espace, 'Protect'),
        simple('Is_Active', 'boolean'),
      ],
    }),
    entity('Espace', {
      systemTable: 'OSSYS_ESPACE',
      marker: 'Name',
      attributes: [
        autoNumber('integer'),
        name,
        text('SS_Key', 75),
        simple('Is_Active', 'boolean'),
        simple('Is_System', 'boolean'),
      ],
    }),
    entity('Process_Definition', {
      systemTable: 'OSSYS_BPM_PROCESS_DEFINITION',
      marker: 'Name',
      attributes: [
        autoNumber('integer'),
        reference('Espace_Id', espace, 'Protect'),
        name,
        text('Label', 250),
        text('SS_Key', 75),
      ],
    }),
    entity('Activity_Definition', {
      systemTable: 'OSSYS_BPM_ACTIVITY_DEFINITION',
      marker: 'Name',
      attributes: [
        autoNumber('integer'),
        reference('Process_Def_Id', processDefinition, 'Protect'),
        name,
        text('Label', 250),
        text('SS_Key', 75),
      ],
    }),
    entity('Process', {
      systemTable: 'OSSYS_BPM_PROCESS',
      marker: 'Label',
      attributes: [
        autoNumber('integer'),
        reference('Tenant_Id', tenant, 'Protect'),
        text('Label', 250),
        simple('Created', 'dateTime'),
        reference('Created_By', user, 'Ignore'),
        reference('Process_Def_Id', processDefinition, 'Protect'),
        reference('Parent_Process_Id', processInstance, 'Protect'),
        reference('Parent_Activity_Id', activityInstance, 'Protect'),
        reference('Top_Process_Id', processInstance, 'Protect'),
      ],
    }),
    entity('Activity', {
      systemTable: 'OSSYS_BPM_ACTIVITY',
      marker: 'Name',
      attributes: [
        autoNumber('integer'),
        reference('Tenant_Id', tenant, 'Protect'),
        reference('Activity_Def_Id', activityDefinition, 'Protect'),
        reference('Process_Id', processInstance, 'Protect'),
        name,
        reference('User_Id', user, 'Ignore'),
        reference('Group_Id', group, 'Ignore'),
      ],
    }),
  ],
});

export const users: ModuleModel = module('Users', { system: true, roles: [{ name: 'UserManager' }] });
