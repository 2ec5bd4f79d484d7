import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { finalRunStates } from '../src/contract.js';
import { entityName, visibleState, type RefreshState } from './runState.js';

const stageKey = defineSearchAttributeKey('RefreshStage', SearchAttributeType.KEYWORD);
const stateKey = defineSearchAttributeKey('RefreshState', SearchAttributeType.KEYWORD);
const destinationKey = defineSearchAttributeKey('RefreshDestination', SearchAttributeType.KEYWORD);

/** The UI cuts details at 20 KB: the running and the troubled entities are listed, the rest counted. */
const listedEntities = 20;

/** Shows where the run stands in the Temporal UI and, if the namespace knows them, in the search attributes. */
export function show(state: RefreshState, shown: { stage: string | null; state: string | null }): void {
  const visible = visibleState(state);
  setCurrentDetails(detailsOf(state));
  if (state.preflight?.searchAttributes !== true) return;
  if (shown.stage === state.stage && shown.state === visible.state) return;
  shown.stage = state.stage;
  shown.state = visible.state;
  upsertSearchAttributes([
    { key: stageKey, value: state.stage },
    { key: stateKey, value: visible.state },
    { key: destinationKey, value: state.preflight.request.destination },
  ]);
}

function detailsOf(state: RefreshState): string {
  const visible = visibleState(state);
  const lines = [`**${visible.state}**${state.stage === null ? '' : `, stage **${state.stage}**`}`];
  if (visible.waitingFor !== null) lines.push('', visible.waitingFor.text);
  else if (state.stageNote !== null && !finalRunStates.includes(state.state)) lines.push('', state.stageNote);
  if (state.entities.length > 0) {
    const done = state.entities.filter((entity) => entity.state === 'done' || entity.state === 'skipped').length;
    lines.push('', `${done} of ${state.entities.length} entities done`);
    const listed = state.entities.filter((entity) => entity.state === 'running' || entity.state === 'parked');
    for (const entity of listed.slice(0, listedEntities)) {
      lines.push(`- ${entityName(entity)}: ${entity.state}, ${entity.rowsDone} of ${entity.rowsTotal} rows`);
    }
    if (listed.length > listedEntities) lines.push(`- and ${listed.length - listedEntities} more`);
  }
  return lines.join('\n');
}
