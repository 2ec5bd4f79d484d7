/** `npm run docs:state`: writes docs/state-module.md anew. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { stateModulePage } from './stateModulePage.js';

const path = fileURLToPath(new URL('../docs/state-module.md', import.meta.url));
await writeFile(path, await stateModulePage(path));
