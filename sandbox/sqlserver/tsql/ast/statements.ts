import type { ControlStatement } from './controlStatements.js';
import type { DataStatement } from './dataStatements.js';
import type { SchemaStatement } from './schemaStatements.js';
import type { SecurityStatement } from './securityStatements.js';

export type Statement = DataStatement | SchemaStatement | SecurityStatement | ControlStatement;

export interface Batch {
  readonly text: string;
  readonly statements: readonly Statement[];
}
