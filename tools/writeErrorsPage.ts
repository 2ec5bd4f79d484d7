/** `npm run docs:errors`: writes docs/errors.md anew. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { errorsPage } from './errorsPage.js';

const path = fileURLToPath(new URL('../docs/errors.md', import.meta.url));
await writeFile(path, await errorsPage(path));
