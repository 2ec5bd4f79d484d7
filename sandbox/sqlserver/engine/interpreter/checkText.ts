import type { Parameter } from '../api.js';
import { Frame } from '../session/frame.js';
import type { Session } from '../session/session.js';
import { translateStatement } from './translation.js';

/**
 * Checks a text that will be executed by handle: its syntax, and the names in its first statement. Later statements
 * may use what earlier ones make, so they are bound when they run.
 */
export async function checkText(
  session: Session,
  text: string,
  parameters: readonly Pick<Parameter, 'name' | 'type' | 'output'>[],
): Promise<void> {
  const { statements } = session.core.parses.parse(text, session.settings.quotedIdentifier);
  const [first] = statements;
  if (first === undefined) return;
  const outer = session.frame;
  const frame = new Frame(session.nextScope(), outer, '');
  for (const { name, type } of parameters) frame.declare(name, type, null);
  session.frame = frame;
  try {
    switch (first.kind) {
      case 'selectStatement':
      case 'insert':
      case 'update':
      case 'delete':
      case 'merge':
        translateStatement(session, first);
        return await Promise.resolve();
      default:
        return;
    }
  } finally {
    session.frame = outer;
  }
}
