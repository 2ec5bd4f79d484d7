import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';

/** Photographs of pages, for people; not kept in the repository. */
const photographs = fileURLToPath(new URL('./out/', import.meta.url));

const usualPlaces = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Starts the machine's own Chromium, or the browser that CHROME names. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = process.env['CHROME'] ?? usualPlaces.find((path) => existsSync(path));
  if (executablePath === undefined) {
    throw new Error('No Chromium on this machine: apt-get install -y chromium, or name a browser in CHROME.');
  }
  // As root, which containers are, Chromium's own sandbox refuses to start.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}

/** What a page complained about while it was shown. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!/^(file|data|about):/.test(request.url())) complaints.push(`asks for ${request.url()}`);
  });
  return complaints;
}

export async function photograph(page: Page, name: string): Promise<void> {
  const { width } = page.viewportSize() ?? { width: 1280 };
  // The charts and the first tables are what one looks at; the rest is more of the same.
  const clip = { x: 0, y: 0, width, height: 2400 };
  await page.screenshot({ path: `${photographs}${name}.png`, fullPage: true, clip });
}
