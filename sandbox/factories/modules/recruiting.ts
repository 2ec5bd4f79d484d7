/** The application of the guide's BPT example: candidates, interviews, and the Candidate Selection process. */
import { autoNumber, decimal, entity, module, record, reference, simple, text } from '../define.js';
import type { Cell, GeneratedValue, ModuleModel } from '../model.js';
import { fullName, longText } from '../data/words.js';
import { countryCodeInOtherCase } from './core.js';
import { recruitingProcesses } from './recruitingProcesses.js';
import { activityDefinition, activityInstance, processDefinition, processInstance, user } from './serviceCenter.js';

export const candidate = 'Recruiting.Candidate';
export const interview = 'Recruiting.Interview';
const status = 'Recruiting.CandidateStatus';
const outcome = 'Recruiting.Outcome';
const noteKind = 'Recruiting.NoteKind';
const selection = 'Recruiting.CandidateSelection';

function candidateReference({ rowsOf, random }: Cell): GeneratedValue {
  return { row: random.integer(rowsOf(candidate)) };
}

const statics = [
  entity('CandidateStatus', {
    marker: 'Label',
    attributes: [
      autoNumber('integer'),
      text('Label', 50, { mandatory: true }),
      simple('Order', 'integer', { mandatory: true }),
      simple('Is_Active', 'boolean', { mandatory: true }),
    ],
    isActiveAttribute: 'Is_Active',
    labelAttribute: 'Label',
    orderByAttribute: 'Order',
    records: [
      record('New', { Label: 'New', Order: 1, Is_Active: true }),
      record('Screening', { Label: 'Screening', Order: 2, Is_Active: true }),
      record('Interviewing', { Label: 'Interviewing', Order: 3, Is_Active: true }),
      record('Hired', { Label: 'Hired', Order: 4, Is_Active: true }),
      record('Parked', { Label: 'Parked', Order: 5, Is_Active: false }),
    ],
  }),
  // Withdrawn was deleted and made again: another key and another id under the same name.
  entity('Outcome', {
    marker: 'Label',
    attributes: [
      autoNumber('longInteger'),
      text('Label', 50, { mandatory: true }),
      simple('Order', 'integer', { mandatory: true }),
      simple('Is_Active', 'boolean', { mandatory: true }),
    ],
    records: [
      record('Passed', { Label: 'Passed', Order: 1, Is_Active: true }),
      record('Failed', { Label: 'Failed', Order: 2, Is_Active: true }),
      record('Withdrawn', { Label: 'Withdrawn', Order: 3, Is_Active: true }, { active: false }),
      record('Withdrawn', { Label: 'Withdrawn', Order: 3, Is_Active: true }),
    ],
  }),
  entity('NoteKind', {
    primaryKey: 'Code',
    marker: 'Code',
    attributes: [
      text('Code', 20, { mandatory: true }),
      text('Label', 50, { mandatory: true }),
      simple('Is_Active', 'boolean', { mandatory: true }),
    ],
    records: [
      record('General', { Code: 'general', Label: 'General', Is_Active: true }),
      record('Phone', { Code: 'phone', Label: 'Phone call', Is_Active: true }),
      record('Offer', { Code: 'Offer', Label: 'Offer', Is_Active: true }),
    ],
  }),
];

const entities = [
  entity('Candidate', {
    key: '8bfa817a-1092-472c-a14e-bc9e2ad9403b',
    marker: 'Code',
    scale: { share: 0.1, minimum: 50 },
    exposeProcessEvents: true,
    indexes: [
      { attributes: ['Code'], unique: true },
      { attributes: ['Email'], unique: true },
    ],
    attributes: [
      autoNumber(),
      text('Code', 40, { mandatory: true }),
      text('Name', 100, { mandatory: true, value: ({ index }) => (index === 0 ? 'John Doe' : fullName(index)) }),
      simple('Email', 'email', { value: ({ marker }) => `${marker.toLowerCase()}@candidates.example` }),
      simple('Phone', 'phone'),
      simple('BirthDate', 'date'),
      simple('AppliedAt', 'dateTime', { mandatory: true }),
      simple('CallAt', 'time'),
      simple('ExpectedSalary', 'currency'),
      decimal('Score', 10, 8),
      text('Cv', 10_000, {
        value: ({ index, random }) => (index % 10 === 3 ? longText(random, 2_500 + random.integer(3_000)) : ''),
      }),
      reference('PersonId', 'People.Person', 'Protect', { mandatory: true }),
      reference('CityId', 'People.City', 'Protect'),
      reference('CountryCode', 'Core.Country', 'Protect', {
        value: ({ index, random }) =>
          index % 9 === 4
            ? countryCodeInOtherCase(3 + random.integer(6))
            : index % 9 === 5
              ? null
              : { row: random.integer(9) },
      }),
      reference('StatusId', status, 'Protect', {
        mandatory: true,
        value: ({ random }) => ({ row: random.integer(5) }),
      }),
      reference('OutcomeId', outcome, 'Ignore', {
        value: ({ index, random }) => (index % 4 === 0 ? null : { row: random.integer(4) }),
      }),
      reference('RecruiterId', user, 'Protect', { mandatory: true }),
      reference('CreatedBy', user, 'Ignore', {
        value: ({ index, random, rowsOf }) => (index % 13 === 12 ? 0 : { row: random.integer(rowsOf(user)) }),
      }),
      reference('ProcessId', processInstance, 'Ignore', {
        value: ({ index, topProcess }) => topProcess(selection, index),
      }),
      reference('ProcessDefinitionId', processDefinition, 'Ignore', {
        value: ({ index }) => (index % 3 === 0 ? { row: 0 } : null),
      }),
      simple('Rating', 'integer', { active: false }),
      decimal('Rating', 5, 2),
      text('LegacyCode', 20, { active: false, notNull: true }),
    ],
    labelAttribute: 'Name',
  }),
  entity('Interview', {
    marker: 'Code',
    scale: { share: 0.15, minimum: 60 },
    exposeProcessEvents: true,
    indexes: [{ attributes: ['CandidateId', 'ScheduledAt'], unique: false }],
    attributes: [
      autoNumber('integer'),
      text('Code', 40, { mandatory: true }),
      reference('CandidateId', candidate, 'Delete', { mandatory: true, value: candidateReference }),
      reference('InterviewerId', user, 'Protect'),
      reference('BackupId', user, 'Protect'),
      reference('OutcomeId', outcome, 'Protect', { value: ({ random }) => ({ row: random.pick([0, 1, 3]) }) }),
      simple('ScheduledAt', 'dateTime'),
      simple('Minutes', 'integer'),
      simple('Remote', 'boolean'),
      reference('ProcessId', processInstance, 'Protect', {
        value: ({ index, topProcess }) => topProcess(selection, index >> 1),
      }),
      reference('ActivityId', activityInstance, 'Ignore', {
        value: ({ index, firstActivity }) => firstActivity(selection, index >> 1),
      }),
      reference('PreviousId', interview, 'Ignore', {
        value: ({ index, random }) => (index === 0 || random.chance(0.6) ? null : { row: random.integer(index) }),
      }),
    ],
  }),
  entity('Note', {
    marker: 'Code',
    scale: { share: 1, minimum: 100 },
    attributes: [
      autoNumber(),
      text('Code', 40, { mandatory: true }),
      reference('CandidateId', candidate, 'Delete', { mandatory: true, value: candidateReference }),
      reference('AuthorId', user, 'Ignore'),
      reference('KindCode', noteKind, 'Protect', { mandatory: true }),
      text('Body', 500),
      simple('WrittenAt', 'dateTime'),
      decimal('Hours', 8, 2),
      simple('Pinned', 'boolean'),
    ],
  }),
  entity('ActivityExtended', {
    marker: 'Code',
    scale: { share: 1, of: selection, minimum: 0 },
    attributes: [
      reference('Id', activityInstance, 'Delete', {
        mandatory: true,
        value: ({ index, firstActivity }) => firstActivity(selection, index),
      }),
      text('Code', 40, { mandatory: true }),
      text('Remark', 200),
      reference('DefinitionId', activityDefinition, 'Ignore', { value: () => ({ row: 1 }) }),
    ],
  }),
  entity('Vacancy', {
    active: false,
    marker: 'Code',
    scale: { share: 0, minimum: 6 },
    attributes: [autoNumber(), text('Code', 40, { mandatory: true }), reference('CandidateId', candidate, 'Ignore')],
  }),
];

export const recruiting: ModuleModel = module('Recruiting', {
  key: '44832b6b-eaf6-481b-b355-2eaaa488dbc4',
  roles: [{ name: 'Recruiter' }, { name: 'HiringManager' }],
  extensions: ['DocumentTools'],
  entities: [...statics, ...entities],
  processes: recruitingProcesses,
  timers: [
    { name: 'SendReminders', shared: false, schedule: 'Every 30 minutes', lastRunDays: -3, nextRunDays: -2 },
    { name: 'PurgeNotes', shared: true, schedule: 'When Published', lastRunDays: -700, nextRunDays: null },
  ],
});

/** Part of the application, with no entity of its own. */
export const recruitingBackoffice: ModuleModel = module('RecruitingBackoffice', { roles: [{ name: 'Auditor' }] });

export const documentTools: ModuleModel = module('DocumentTools', { kind: 'extension' });
