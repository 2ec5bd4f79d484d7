import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runReportHtml } from '../../src/report/runReportHtml.js';
import { hostileName, hostileReport } from '../support/hostileReport.js';
import { complaintsOf, launchChromium, photograph } from './chromium.js';

/** An A4 sheet that lies across, without its margins, in CSS pixels. */
const paperWidth = 1046;

let browser: Browser;
let folder: string;
let url: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refresh-report-'));
  const file = join(folder, 'report.html');
  await writeFile(file, await runReportHtml(hostileReport()));
  url = pathToFileURL(file).href;
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

async function open(options: BrowserContextOptions = {}): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints = complaintsOf(page);
  await page.goto(url);
  return { page, complaints };
}

/** Pixels by which the page is wider than its window. */
async function overhang(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}

async function chartBoxes(page: Page): Promise<{ width: number; height: number }[]> {
  const charts = await page.locator('figure svg').all();
  return Promise.all(charts.map(async (chart) => (await chart.boundingBox()) ?? { width: 0, height: 0 }));
}

describe('the page of a run', () => {
  it('draws its charts, complains of nothing and fits a window of 1280 pixels', async () => {
    const { page, complaints } = await open();
    const boxes = await chartBoxes(page);
    expect(boxes).toHaveLength(2);
    for (const box of boxes) {
      expect(box.width).toBeGreaterThan(600);
      expect(box.height).toBeGreaterThan(150);
    }
    const bars = page.locator('figure svg .mark-rect.role-mark path');
    expect(await bars.count()).toBe(12 + 100);
    expect(await overhang(page)).toBeLessThanOrEqual(0);
    expect(complaints).toEqual([]);
    await photograph(page, 'report-1280');
  });

  it('shows names of a database as text, whatever they hold', async () => {
    const { page } = await open();
    expect(await page.evaluate('window.pwned')).toBeUndefined();
    expect(await page.locator('script, img, iframe, link').count()).toBe(0);
    expect(await page.locator('td', { hasText: '<script>window.pwned=1</script>' }).first().innerText()).toContain(
      hostileName.slice(0, 30),
    );
  });

  it('can be printed: dark on white, as wide as the paper, no row cut in two', async () => {
    const { page } = await open({ colorScheme: 'dark' });
    await photograph(page, 'report-dark');
    await page.emulateMedia({ media: 'print', colorScheme: 'light' });
    await page.setViewportSize({ width: paperWidth, height: 700 });
    expect(await overhang(page)).toBeLessThanOrEqual(0);
    const look = await page.evaluate<{ rows: string; color: string }>(
      '({ rows: getComputedStyle(document.querySelector("tbody tr")).breakInside, color: getComputedStyle(document.body).color })',
    );
    expect(look).toEqual({ rows: 'avoid', color: 'rgb(0, 0, 0)' });
    expect((await chartBoxes(page)).every(({ width }) => width > 600 && width <= paperWidth)).toBe(true);
    await photograph(page, 'report-print');
    const pdf = await page.pdf({ preferCSSPageSize: true });
    expect(pdf.length).toBeGreaterThan(10_000);
  });
});
