import type { Batch } from '../../tsql/ast.js';
import { parseBatch } from '../../tsql/parser.js';

const limit = 500;
const longestKept = 100_000;

/** Keeps the syntax trees of the texts that came last. */
export class ParseCache {
  private readonly batches = new Map<string, Batch>();

  /** Throws SqlError for a text that SQL Server would refuse to parse. */
  parse(text: string, quotedIdentifier: boolean): Batch {
    const key = `${quotedIdentifier ? 'q' : ' '}${text}`;
    const known = this.batches.get(key);
    if (known !== undefined) {
      // Moved to the end: the first one is the longest unused.
      this.batches.delete(key);
      this.batches.set(key, known);
      return known;
    }
    const batch = parseBatch(text, { quotedIdentifier });
    if (text.length > longestKept) return batch;
    this.batches.set(key, batch);
    if (this.batches.size > limit) this.batches.delete(this.batches.keys().next().value as string);
    return batch;
  }
}
