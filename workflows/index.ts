/** The one entry that the worker bundles: every workflow by its type name. */
export { refresh } from './refresh.js';
export { migrateEntity } from './migrateEntity.js';
export { recover } from './recover.js';
