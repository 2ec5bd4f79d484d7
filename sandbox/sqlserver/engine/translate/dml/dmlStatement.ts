import type { DmlStatement } from '../result.js';
import type { StatementBuilder } from '../statementBuilder.js';
import type { FinishedModification } from './output.js';

type OwnParts = Pick<DmlStatement, 'command' | 'target' | 'triggerEvents' | 'touchedColumns' | 'outputToClient'> &
  Partial<Pick<DmlStatement, 'identity'>>;

/** The statement with all that the builder gathered for it. */
export function dmlStatement(builder: StatementBuilder, finished: FinishedModification, own: OwnParts): DmlStatement {
  const { parameters, uses, locks, noWait } = builder;
  return { kind: 'dml', ...finished, ...own, parameters, uses, locks, noWait, volatile: builder.volatile };
}
