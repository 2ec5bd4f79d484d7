import { EntityBatches } from './entityBatches.js';
import type { EntityShape, ShapeColumn } from './entityShape.js';
import type { LookupContext } from './lookup.js';
import { filterStatement, matchStatement } from './matchStatements.js';
import { explainStatement, quarantineStatement } from './refusalStatements.js';
import { linkName, writeStatement } from './writeStatement.js';

/**
 * The statements of an entity's batches. Their texts are the same for every batch (what differs are the parameters
 * @base, @batch and @workItem), so SQL Server compiles each once. All of them read the staging table `s`.
 */
export interface BatchStatements {
  /** Further temporary tables, created once a session. */
  readonly create: readonly string[];
  /** Takes rows out of the staging table that the plan leaves behind; answers their number. */
  readonly filter: string | null;
  /** Finds the destination rows that stand for staged rows already; answers rows found, and rows not told apart. */
  readonly match: string | null;
  /** What stands in the way of the rows that `match` found, by name with the number of rows each; none may. */
  readonly obstacles: string | null;
  /** Sets rows aside whose policy says so; answers their number, and how many of them were matched. */
  readonly quarantine: string | null;
  /** Writes keys, rows and deferred references; answers the counts of BatchOutcome. */
  readonly write: string;
  /** One row a failing attribute: attribute, rows without image, and how many of these are orphans. */
  readonly explain: string | null;
}

export function batchStatements(context: LookupContext, shape: EntityShape): BatchStatements {
  const batches = new EntityBatches(context, shape);
  return {
    create: temporaryTables(batches),
    filter: filterStatement(batches),
    match: matchStatement(batches),
    obstacles: null,
    quarantine: quarantineStatement(batches),
    write: writeStatement(batches),
    explain: explainStatement(batches),
  };
}

function temporaryTables(batches: EntityBatches): string[] {
  const tables: string[] = [];
  const keyType = batches.textKey ? 'nvarchar(446) COLLATE DATABASE_DEFAULT' : 'bigint';
  if (batches.matches)
    tables.push(
      `CREATE TABLE #matched (n int NOT NULL PRIMARY KEY, destination_key ${keyType} NULL, hits int NOT NULL);`,
    );
  if (batches.shape.node.origin === 'generated') tables.push(`CREATE TABLE #ids (id bigint NOT NULL PRIMARY KEY);`);
  if (batches.deferred.length > 0) {
    const links = batches.deferred.map(({ column }) => `${linkName(column)} ${linkType(column)} NULL`);
    tables.push(`CREATE TABLE #link (n int NOT NULL PRIMARY KEY, ${links.join(', ')});`);
  }
  return tables;
}

function linkType({ staged }: ShapeColumn): string {
  if (staged === null) return 'bigint';
  if (staged.transport.stagingType === 'uniqueidentifier') return 'uniqueidentifier';
  return staged.transport.text ? 'nvarchar(446) COLLATE DATABASE_DEFAULT' : 'bigint';
}
