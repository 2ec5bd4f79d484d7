import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { stateModulePage } from '../../../tools/stateModulePage.js';

const page = 'docs/state-module.md';

it('docs/state-module.md says what the code asks of the module (mend: npm run docs:state)', async () => {
  expect(readFileSync(page, 'utf8')).toBe(await stateModulePage(page));
});
