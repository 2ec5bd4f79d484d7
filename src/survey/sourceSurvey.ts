import { integer, textOrNull } from '../factory/rowValues.js';
import type { DraftEntity } from '../plan/draft.js';
import type { Outline } from '../plan/outline.js';
import { loadOrder } from '../plan/loadOrder.js';
import type { PhysicalKey, TableName } from '../plan/refreshPlan.js';
import { quoteName, quoteTable } from '../sqlserver/quoteName.js';
import type { ReadDatabase } from '../sqlserver/readDatabase.js';
import { askInOrder, askTogether, tableSizes, type EntityQuestion, type TableSizes } from './askTogether.js';
import type { ColumnFacts, EntityCount, ProcessFacts, SourceSurvey } from './facts.js';
import { movedRows, type RowConditions } from './movedRows.js';
import { processesMove, surveyProcesses } from './processTrees.js';
import { rowQuestions } from './rowQuestions.js';
import { countWaiting } from './waitingActivities.js';

export interface SourceCounts {
  readonly entities: Record<string, EntityCount>;
  readonly columns: Record<string, ColumnFacts>;
  readonly processes: ProcessFacts | null;
  readonly waiting: SourceSurvey['waiting'];
  readonly moved: RowConditions;
}

/**
 * Looks at the source's rows: marks first, children before parents, so that whatever a row under its mark refers to
 * is under a mark too (unless it changes meanwhile); then counts and what the findings need.
 */
export async function surveySource(
  db: ReadDatabase,
  outline: Outline,
  mayRead: (table: TableName) => boolean,
): Promise<SourceCounts> {
  const processes = processesMove(outline) ? await surveyProcesses(db, outline.processes) : null;
  const sizes = await tableSizes(
    db,
    outline.entities.map((entity) => entity.source.name),
  );
  const ends = await keyEnds(db, outline, sizes);
  const endsOf = (entity: DraftEntity): KeyEnds => ends.get(entity) ?? noKeys;
  const moved: RowConditions = (entity) => movedRows(outline, entity, processes, endsOf(entity).highest);
  const entities: Record<string, EntityCount> = {};
  await askTogether(
    db,
    sizes,
    outline.entities.map((entity) =>
      movedQuestion(entity, moved, (rows) => (entities[entity.name] = { rows, ...endsOf(entity) })),
    ),
  );
  const columns: Record<string, ColumnFacts> = {};
  const anyMoves = (entity: DraftEntity): boolean => entities[entity.name]?.rows !== 0;
  await askTogether(
    db,
    sizes,
    outline.entities.filter(anyMoves).flatMap((entity) => rowQuestions(outline, entity, moved, columns)),
  );
  const waiting = processes === null ? {} : await countWaiting(db, outline, processes, mayRead);
  return { entities, columns, processes, waiting, moved };
}

type KeyEnds = Pick<EntityCount, 'lowest' | 'highest'>;

const noKeys: KeyEnds = { lowest: null, highest: null };

/** Children before parents: the statements of one request run in their order too. */
async function keyEnds(db: ReadDatabase, outline: Outline, sizes: TableSizes): Promise<Map<DraftEntity, KeyEnds>> {
  const ends = new Map<DraftEntity, KeyEnds>();
  const order = [...loadOrder(outline).order].reverse();
  await askInOrder(
    db,
    sizes,
    order.flatMap((index) => {
      const entity = outline.entities[index];
      return entity === undefined ? [] : keyEndsQuestion(outline, entity, (found) => ends.set(entity, found));
    }),
  );
  return ends;
}

/**
 * Text keys come in no order of time, so they have no mark. Each end has a query of its own, of the bare column: of two
 * aggregates, or of an expression, SQL Server would scan the index instead of looking at its ends.
 */
function keyEndsQuestion(outline: Outline, entity: DraftEntity, found: (ends: KeyEnds) => void): EntityQuestion[] {
  const node = outline.registry.nodes[entity.node];
  if (node?.source == null || node.keyKind !== 'integer') return [];
  const end = (which: 'MIN' | 'MAX', of: PhysicalKey): string =>
    `CAST((SELECT ${which}(t.${quoteName(of.column)}) FROM ${quoteTable(of.table)} t) AS bigint)`;
  return [
    {
      entity: entity.name,
      table: entity.source.name,
      sql: `SELECT ${end('MIN', node.source)} AS lowest, ${end('MAX', node.source)} AS highest`,
      answered: ([row = {}]) => {
        found({ lowest: textOrNull(row, 'lowest'), highest: textOrNull(row, 'highest') });
      },
    },
  ];
}

function movedQuestion(entity: DraftEntity, moved: RowConditions, found: (rows: number) => void): EntityQuestion {
  return {
    entity: entity.name,
    table: entity.source.name,
    sql: `SELECT COUNT_BIG(*) AS moved_rows FROM ${quoteTable(entity.source.name)} t WHERE ${moved(entity)}`,
    answered: ([row = {}]) => {
      found(integer(row, 'moved_rows'));
    },
  };
}
