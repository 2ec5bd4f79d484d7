import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { figureText, type Result } from './results.js';

const page = fileURLToPath(new URL('../docs/performance.md', import.meta.url));
const plot = fileURLToPath(new URL('../docs/performance.svg', import.meta.url));

/**
 * Replaces the figures of the benches that ran in docs/performance.md, each between marks of its own, and draws the
 * ratios to the floor if that bench was among them.
 */
export async function savePage(results: readonly Result[], engine: string, settings: string): Promise<void> {
  let text = await readFile(page, 'utf8');
  for (const bench of new Set(results.map((each) => each.bench))) {
    const rows = results.filter((each) => each.bench === bench);
    const table = [
      `Engine: ${engine}. ${settings}.`,
      '',
      '| figure | median (least–greatest) | target |',
      '|---|---|---|',
      ...rows.map(({ what, figure, unit, target }) => `| ${what} | ${figureText(figure, unit)} | ${target ?? ''} |`),
    ].join('\n');
    const marks = new RegExp(`(<!-- bench ${bench} -->)[^]*?(<!-- end -->)`);
    if (!marks.test(text)) throw new Error(`docs/performance.md has no place for the bench ${bench}`);
    text = text.replace(marks, (_, start: string, end: string) => `${start}\n\n${table}\n\n${end}`);
  }
  await writeFile(page, text);
  const ratios = results.filter(({ bench, unit }) => bench === 'floor' && unit === 'times');
  if (ratios.length > 0) await writeFile(plot, plotOf(ratios, engine));
}

const pixelsPerUnit = 160;
const left = 330;

/** Bars of ratios with their spread; the line stands at 1, where refresh and floor are equal. */
function plotOf(ratios: readonly Result[], engine: string): string {
  const bars = ratios.map(({ what, figure, target }, index) => {
    const y = 40 + index * 34;
    const [from, to] = [figure.least, figure.greatest].map((value) => left + value * pixelsPerUnit);
    const width = figure.median * pixelsPerUnit;
    const end = Math.max(to ?? 0, left + width) + 8;
    return [
      `<text x="${left - 10}" y="${y + 13}" text-anchor="end">${shortened(what)}</text>`,
      `<rect x="${left}" y="${y}" width="${width.toFixed(0)}" height="18" fill="#4878a8"/>`,
      `<path d="M${(from ?? 0).toFixed(0)} ${y + 9}H${(to ?? 0).toFixed(0)}" stroke="#222" stroke-width="2"/>`,
      `<text x="${end.toFixed(0)}" y="${y + 13}">${figure.median.toFixed(2)} (${target ?? ''})</text>`,
    ].join('\n');
  });
  const height = 50 + ratios.length * 34;
  const one = left + pixelsPerUnit;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 ${height}" font-family="sans-serif" font-size="13">`,
    `<rect width="860" height="${height}" fill="#fff"/>`,
    `<text x="10" y="22">Refresh against the floor; engine: ${engine}. Bar: median; line: spread.</text>`,
    ...bars,
    `<path d="M${one} 30V${height - 8}" stroke="#a33" stroke-dasharray="4 3"/>`,
    '</svg>\n',
  ].join('\n');
}

function shortened(what: string): string {
  return what.replace(' of the refresh to those of the floor', '').replace(' of the refresh to that of the floor', '');
}
