/** The Candidate Selection process of the guide (BPT, example), its sub-processes, light and deleted definitions. */
import { activity, parameter, process } from '../define.js';
import type { Cell, GeneratedValue } from '../model.js';
import { fullName } from '../data/words.js';
import { user } from './serviceCenter.js';

const candidate = 'Recruiting.Candidate';
const interview = 'Recruiting.Interview';
const status = 'Recruiting.CandidateStatus';

/** The n-th process is about the n-th candidate. */
const sameCandidate = ({ index }: Cell): GeneratedValue => ({ row: index });

function anyCandidate({ rowsOf, random }: Cell): GeneratedValue {
  return { row: random.integer(rowsOf(candidate)) };
}

const candidateSelection = process('CandidateSelection', {
  scale: { share: 0.06, minimum: 40 },
  label: ({ index, marker }) => `${index === 0 ? 'John Doe' : fullName(index)} ${marker}`,
  launchOn: { entity: candidate, onUpdate: false },
  inputs: [
    parameter(
      'CandidateId',
      { kind: 'reference', to: candidate },
      { key: 'ff1e6212-66f3-4eaf-9018-6eb58b8ed465.#EventGeneratedInput', value: sameCandidate },
    ),
  ],
  outputs: [
    parameter(
      'Result',
      { kind: 'text', length: 200 },
      { key: '57408c29-4dd2-448d-b37e-19059eecf8e2', value: () => 'Passed with distinction' },
    ),
  ],
  activities: [
    activity('Start', 'start'),
    activity('ScreenCandidate', 'human', {
      outputs: [
        parameter('Done', { kind: 'boolean' }),
        parameter('StatusId', { kind: 'reference', to: status }),
        parameter('CountryCode', { kind: 'reference', to: 'Core.Country' }),
      ],
      event: { entity: candidate, onUpdate: true, row: sameCandidate },
    }),
    activity('NewInterview', 'conditionalStart', {
      maximumInstances: 3,
      outputs: [parameter('ActivityInterviewId', { kind: 'reference', to: interview })],
      event: { entity: interview, onUpdate: false, filter: { CandidateId: sameCandidate } },
    }),
    activity('Dismiss', 'conditionalStart', { event: { entity: candidate, onUpdate: true, row: sameCandidate } }),
    activity('CheckReferences', 'executeProcess', { process: 'Recruiting.ReferenceCheck' }),
    activity('WaitForAllFeedback', 'wait', {
      outputs: [parameter('ActivityInterviewId', { kind: 'reference', to: interview })],
      event: {
        entity: interview,
        onUpdate: true,
        filter: {
          CandidateId: sameCandidate,
          InterviewerId: ({ random, rowsOf }) => ({ row: random.integer(rowsOf(user)) }),
        },
      },
    }),
    activity('SetResult', 'automatic'),
    activity('End', 'end'),
  ],
});

export const recruitingProcesses = [
  candidateSelection,
  process('ReferenceCheck', {
    inputs: [
      parameter('CandidateId', { kind: 'reference', to: candidate }, { value: sameCandidate }),
      parameter('Referee', { kind: 'email' }),
    ],
    outputs: [parameter('Trusted', { kind: 'boolean' })],
    activities: [
      activity('Start', 'start'),
      activity('CallReferee', 'human'),
      activity('Confirm', 'executeProcess', { process: 'Recruiting.Confirmation' }),
      activity('End', 'end'),
    ],
  }),
  process('Confirmation', {
    inputs: [parameter('RequestedBy', { kind: 'reference', to: user })],
    activities: [activity('Start', 'start'), activity('Answer', 'human'), activity('End', 'end')],
  }),
  process('OldSelection', {
    active: false,
    scale: { share: 0.002, minimum: 4 },
    inputs: [parameter('CandidateId', { kind: 'reference', to: candidate }, { value: anyCandidate, active: false })],
    activities: [activity('Start', 'start', { active: false }), activity('End', 'end', { active: false })],
  }),
  process('NotifyRecruiter', { light: true, launchOn: { entity: candidate, onUpdate: false } }),
  process('IndexInterview', { light: true, launchOn: { entity: interview, onUpdate: true } }),
  process('QaProbe', {
    onlyIn: 'qa',
    launchOn: { entity: candidate, onUpdate: true },
    activities: [activity('Start', 'start'), activity('End', 'end')],
  }),
];
