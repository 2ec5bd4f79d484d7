import { parse, View, type Spec } from 'vega';
import type { StageProgress, WorkState } from '../contract.js';
import type { RateSample } from './runReport.js';

/** Pixels; pages scale them down, never up. */
const chartWidth = 980;
const stageHeight = 22;

/** Readable on white, on black and on paper. */
const stateColors: Readonly<Record<WorkState, string>> = {
  pending: '#8a8f98',
  waiting: '#c98a00',
  running: '#2f7fd1',
  parked: '#c98a00',
  done: '#3a9a5c',
  skipped: '#8a8f98',
  failed: '#cc3b33',
};

/** As operators read clocks; the finer the axis, the finer the times. */
const clockTimes = {
  ...{ year: '%Y', quarter: '%b %Y', month: '%b %Y', week: '%b %d', date: '%b %d', day: '%b %d' },
  ...{ hours: '%H:%M', minutes: '%H:%M', seconds: '%H:%M:%S', milliseconds: '%H:%M:%S' },
};

/** Text and lines take the page's color, so that a chart fits light and dark pages and paper. */
const lookOfPage = {
  background: 'transparent',
  axis: {
    domainColor: 'currentColor',
    tickColor: 'currentColor',
    labelColor: 'currentColor',
    titleColor: 'currentColor',
    gridColor: 'currentColor',
    gridOpacity: 0.15,
    labelFontSize: 12,
    titleFontSize: 12,
    titleFontWeight: 'normal' as const,
  },
};

/** When each stage began and ended, as SVG; empty where no stage has begun. Stages that go on end at `until`. */
export async function timelineSvg(stages: readonly StageProgress[], until: string): Promise<string> {
  const bars = stages.flatMap(({ name, state, startedAt, endedAt }) =>
    startedAt === null
      ? []
      : [{ name, from: Date.parse(startedAt), to: Date.parse(endedAt ?? until), color: stateColors[state] }],
  );
  if (bars.length === 0) return '';
  return draw({
    height: stageHeight * bars.length,
    data: [{ name: 'stages', values: bars }],
    scales: [
      timeScale(Math.min(...bars.map(({ from }) => from)), Math.max(...bars.map(({ to }) => to))),
      { name: 'y', type: 'band', domain: { data: 'stages', field: 'name' }, range: 'height', padding: 0.25 },
    ],
    axes: [
      { scale: 'x', orient: 'bottom', grid: true, format: clockTimes, title: 'time (UTC)' },
      { scale: 'y', orient: 'left', ticks: false, domain: false, labelLimit: 0 },
    ],
    marks: [
      {
        type: 'rect',
        from: { data: 'stages' },
        encode: {
          enter: {
            x: { scale: 'x', field: 'from' },
            // Stages of milliseconds must still be seen.
            width: { signal: "max(2, scale('x', datum.to) - scale('x', datum.from))" },
            y: { scale: 'y', field: 'name' },
            height: { scale: 'y', band: 1 },
            fill: { field: 'color' },
          },
        },
      },
    ],
  });
}

/** Rows committed per second over time, as SVG; empty where nothing was committed. */
export async function rateSvg(samples: readonly RateSample[]): Promise<string> {
  const bars = samples.map(({ at, seconds, rows }) => ({
    from: Date.parse(at),
    to: Date.parse(at) + seconds * 1000,
    perSecond: rows / seconds,
  }));
  const [first, last] = [bars.at(0), bars.at(-1)];
  if (first === undefined || last === undefined) return '';
  return draw({
    height: 220,
    data: [{ name: 'samples', values: bars }],
    scales: [
      timeScale(first.from, last.to),
      {
        name: 'y',
        type: 'linear',
        domain: { data: 'samples', field: 'perSecond' },
        range: 'height',
        nice: true,
        zero: true,
      },
    ],
    axes: [
      { scale: 'x', orient: 'bottom', format: clockTimes, title: 'time (UTC)' },
      { scale: 'y', orient: 'left', grid: true, tickCount: 5, format: ',.2~f', title: 'rows per second' },
    ],
    marks: [
      {
        type: 'rect',
        from: { data: 'samples' },
        encode: {
          enter: {
            x: { scale: 'x', field: 'from' },
            x2: { scale: 'x', field: 'to' },
            y: { scale: 'y', field: 'perSecond' },
            y2: { scale: 'y', value: 0 },
            fill: { value: stateColors.running },
          },
        },
      },
    ],
  });
}

function timeScale(from: number, to: number): NonNullable<Spec['scales']>[number] {
  return { name: 'x', type: 'utc', domain: [from, Math.max(to, from + 1000)], range: 'width' };
}

async function draw(spec: Spec): Promise<string> {
  const view = new View(parse({ width: chartWidth, padding: 5, config: lookOfPage, ...spec }), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
