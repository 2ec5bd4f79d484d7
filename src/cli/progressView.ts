import pc from 'picocolors';
import type { EntityProgress, RunState, RunStatus, StageProgress, WorkState } from '../contract.js';
import { finalRunStates } from '../contract.js';
import { wantsColor } from '../report/terminalColors.js';
import { LiveArea, type TerminalStream } from './liveArea.js';

type Colors = ReturnType<typeof pc.createColors>;

export interface RenderOptions {
  /** Columns of the terminal; lines are laid out for it, not cut. */
  readonly columns?: number;
  /** Most entity lines to show; what is over is counted in a line. Default: all of them. */
  readonly entityLines?: number;
  readonly color?: boolean;
}

export interface ProgressView {
  show(status: RunStatus): void;
  /** Leaves what is shown and goes on below it, so that a question can be asked. */
  pause(): void;
  /** Leaves what is shown. */
  stop(): void;
}

const defaultColumns = 100;
const barWidth = 24;

/** Lines that are no entity's: head, totals, waiting reason and room for the prompt; stages are counted as laid out. */
const otherLines = 8;

/** A live view on a terminal; elsewhere one line for each thing that happens. */
export function createProgressView(stream: TerminalStream): ProgressView {
  return stream.isTTY === true ? liveView(stream) : lineView(stream);
}

/** One run's status as lines of text. */
export function renderStatus(status: RunStatus, options: RenderOptions = {}): string[] {
  const colors = pc.createColors(options.color ?? false);
  const columns = options.columns ?? defaultColumns;
  return [
    headLine(status, colors),
    ...stageLines(status.stages, columns, colors),
    ...waitingLines(status, colors),
    ...entityLines(status, options.entityLines ?? Infinity, colors),
  ];
}

/** What happened between two looks at a run, a line each; everything so far if there was no look before. */
export function renderChanges(before: RunStatus | null, after: RunStatus): string[] {
  const lines: string[] = [];
  for (const entity of after.entities) {
    const known = before?.entities.find((each) => nameOf(each) === nameOf(entity))?.state ?? 'pending';
    if (entity.state !== known && endsWork(entity.state)) {
      lines.push(
        `  ${nameOf(entity)}: ${entity.state}, ${count(entity.rowsDone)} rows in ${duration(entity, after.asOf)}`,
      );
    }
  }
  for (const stage of after.stages) {
    const known = before?.stages.find(({ name }) => name === stage.name)?.state ?? 'pending';
    if (stage.state !== known && stage.state !== 'pending') lines.push(stageChange(stage, after.asOf));
  }
  const { waitingFor } = after;
  if (waitingFor !== null && waitingFor.text !== before?.waitingFor?.text) lines.push(`… ${waitingFor.text}`);
  if (after.state !== before?.state && finalRunStates.includes(after.state)) lines.push(`${after.id}: ${after.state}`);
  return lines;
}

function liveView(stream: TerminalStream): ProgressView {
  const area = new LiveArea(stream);
  return {
    show(status) {
      const columns = (stream.columns ?? defaultColumns) - 1;
      const color = wantsColor(stream);
      const fixed = renderStatus(status, { columns, entityLines: 0, color }).length;
      const room = (stream.rows ?? 24) - Math.max(fixed, otherLines) - 1;
      area.paint(renderStatus(status, { columns, entityLines: Math.max(room, 3), color }));
    },
    pause: () => area.leave(),
    stop: () => area.leave(),
  };
}

function lineView(stream: TerminalStream): ProgressView {
  let last: RunStatus | null = null;
  return {
    show(status) {
      for (const line of renderChanges(last, status)) stream.write(`${line}\n`);
      last = status;
    },
    pause: () => undefined,
    stop: () => undefined,
  };
}

function headLine(status: RunStatus, colors: Colors): string {
  const state = stateColor(status.state, colors)(stateText(status.state));
  const where = status.stage === null || finalRunStates.includes(status.state) ? '' : ` · ${status.stage}`;
  const elapsed = `${duration(status, status.asOf)} ${status.endedAt === null ? 'so far' : 'in all'}`;
  return `${colors.bold(status.id)}  ${state}${where}  ${colors.dim(elapsed)}`;
}

const stateMarks: Readonly<Record<WorkState, string>> = {
  pending: '·',
  waiting: '…',
  running: '▶',
  parked: '‖',
  done: '✓',
  skipped: '-',
  failed: '✗',
};

function stageLines(stages: readonly StageProgress[], columns: number, colors: Colors): string[] {
  const lines: string[] = [];
  let plain = '';
  let painted = '';
  for (const { name, state } of stages) {
    const text = `${stateMarks[state]} ${name}`;
    if (plain !== '' && plain.length + 2 + text.length > columns) {
      lines.push(painted);
      plain = painted = '';
    }
    plain += `  ${text}`;
    painted += `  ${workColor(state, colors)(text)}`;
  }
  if (painted !== '') lines.push(painted);
  return lines;
}

function waitingLines({ waitingFor, asOf }: RunStatus, colors: Colors): string[] {
  if (waitingFor === null) return [];
  const since = milliseconds(waitingFor.since, asOf);
  return [colors.yellow(`  … ${waitingFor.text}`) + colors.dim(` (for ${durationText(since)})`)];
}

function entityLines(status: RunStatus, most: number, colors: Colors): string[] {
  const { entities } = status;
  if (entities.length === 0) return [];
  const shown = [...entities].sort((a, b) => rank(a.state) - rank(b.state)).slice(0, most);
  const width = Math.min(44, Math.max(0, ...shown.map((entity) => nameOf(entity).length)));
  const hidden = entities.length - shown.length;
  return [
    totalsLine(status, colors),
    ...inGivenOrder(shown, entities).map((entity) => entityLine(entity, status.asOf, width, colors)),
    ...(hidden > 0 && most > 0 ? [colors.dim(`  … and ${hidden} more, done or not started`)] : []),
  ];
}

/** What an operator wants to see first, where not everything fits. */
function rank(state: WorkState): number {
  const order: readonly WorkState[] = ['failed', 'parked', 'running', 'waiting', 'skipped', 'pending', 'done'];
  return order.indexOf(state);
}

function inGivenOrder(some: readonly EntityProgress[], all: readonly EntityProgress[]): readonly EntityProgress[] {
  const chosen = new Set(some);
  return all.filter((entity) => chosen.has(entity));
}

function totalsLine({ entities, stages, asOf }: RunStatus, colors: Colors): string {
  const total = entities.reduce((sum, { rowsTotal }) => sum + rowsTotal, 0);
  const rows = entities.reduce((sum, { rowsDone }) => sum + rowsDone, 0);
  const ended = entities.filter(({ state }) => endsWork(state)).length;
  const moving = stages.find(({ name }) => name === 'migrateEntities');
  const running = entities.some(({ state }) => state === 'running');
  const pace = running && moving?.startedAt != null ? paceText(rows, total, milliseconds(moving.startedAt, asOf)) : '';
  return `  ${ended} of ${entities.length} entities, ${count(rows)} of ${count(total)} rows${colors.dim(pace)}`;
}

function entityLine(entity: EntityProgress, asOf: string, width: number, colors: Colors): string {
  const { state, rowsDone, rowsTotal, rowsQuarantined, startedAt, endedAt } = entity;
  const share = rowsTotal === 0 ? Number(state === 'done') : Math.min(1, rowsDone / rowsTotal);
  const full = Math.round(share * barWidth);
  const bar = workColor(state, colors)('█'.repeat(full)) + colors.dim('░'.repeat(barWidth - full));
  const rows = `${count(rowsDone).padStart(9)} / ${count(rowsTotal).padEnd(9)}`;
  const quarantined = rowsQuarantined === 0 ? '' : colors.yellow(` ${count(rowsQuarantined)} quarantined`);
  const elapsed = startedAt === null ? 0 : milliseconds(startedAt, endedAt ?? asOf);
  const tail =
    state === 'running' ? paceText(rowsDone, rowsTotal, elapsed) : endsWork(state) ? ` ${durationText(elapsed)}` : '';
  const name = nameOf(entity).padEnd(width);
  return `  ${workColor(state, colors)(stateMarks[state])} ${name} ${bar} ${rows}${quarantined}${colors.dim(tail)}`;
}

function stageChange(stage: StageProgress, asOf: string): string {
  if (endsWork(stage.state)) return `${stage.name}: ${stage.state} (${duration(stage, asOf)})`;
  return `${stage.name}: ${stage.state === 'running' ? 'started' : stage.state}`;
}

function endsWork(state: WorkState): boolean {
  return state === 'done' || state === 'skipped' || state === 'failed';
}

function nameOf({ espace, entity }: EntityProgress): string {
  return `${espace}.${entity}`;
}

function paceText(done: number, total: number, elapsed: number): string {
  if (done === 0 || elapsed <= 0) return '';
  const perSecond = (done * 1000) / elapsed;
  const left = Math.max(0, total - done) / perSecond;
  return ` · ${count(Math.round(perSecond))} rows/s${left >= 1 ? ` · ${durationText(left * 1000)} left` : ''}`;
}

const plainStates: Partial<Record<RunState, string>> = {
  waitingForApproval: 'waiting for approval',
  waitingForConfirmation: 'waiting for confirmation',
  doneWithSkips: 'done with skips',
};

function stateText(state: RunState): string {
  return plainStates[state] ?? state;
}

function stateColor(state: RunState, colors: Colors): (text: string) => string {
  switch (state) {
    case 'done':
      return colors.green;
    case 'running':
      return colors.cyan;
    case 'failed':
    case 'rejected':
    case 'aborted':
    case 'cancelled':
      return colors.red;
    case 'paused':
    case 'waitingForApproval':
    case 'waitingForConfirmation':
    case 'parked':
    case 'compensating':
    case 'doneWithSkips':
      return colors.yellow;
  }
}

function workColor(state: WorkState, colors: Colors): (text: string) => string {
  switch (state) {
    case 'done':
      return colors.green;
    case 'running':
      return colors.cyan;
    case 'failed':
      return colors.red;
    case 'waiting':
    case 'parked':
    case 'skipped':
      return colors.yellow;
    case 'pending':
      return colors.dim;
  }
}

function count(rows: number): string {
  return rows.toLocaleString('en-US');
}

function milliseconds(from: string, to: string): number {
  return Math.max(0, Date.parse(to) - Date.parse(from));
}

function duration(span: { startedAt: string | null; endedAt: string | null }, asOf: string): string {
  return span.startedAt === null ? '0 s' : durationText(milliseconds(span.startedAt, span.endedAt ?? asOf));
}

/** As a reader takes it in: tenths below ten seconds, two units above a minute. */
export function durationText(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
