/**
 * Syntax tree of the T-SQL subset. Every node has a span into the batch text; unions are discriminated by `kind`.
 * What the parser does not know it refuses by name (unsupported.ts), so no node stands for "something else".
 */
export type * from './ast/node.js';
export type * from './ast/expressions.js';
export type * from './ast/queries.js';
export type * from './ast/dataStatements.js';
export type * from './ast/schemaStatements.js';
export type * from './ast/securityStatements.js';
export * from './ast/controlStatements.js';
export type * from './ast/statements.js';
