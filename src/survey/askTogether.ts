import { integer, text } from '../factory/rowValues.js';
import type { TableName } from '../plan/refreshPlan.js';
import { RefreshError } from '../sqlserver/errors.js';
import { quoteTable } from '../sqlserver/quoteName.js';
import type { ReadDatabase, SqlParameter, SqlRow } from '../sqlserver/readDatabase.js';
import { tablesOfCatalogs } from '../sqlserver/tablesOfCatalogs.js';
import { inParallel } from './inParallel.js';

/** One SELECT about the rows of an entity. */
export interface EntityQuestion {
  /** Espace.Entity, which a failure names. */
  readonly entity: string;
  /** The table whose rows it reads. */
  readonly table: TableName;
  readonly sql: string;
  /** A question with parameters is always asked alone. */
  readonly parameters?: Readonly<Record<string, SqlParameter>>;
  readonly answered: (rows: readonly SqlRow[]) => void;
}

/** Rows of a table, about; null where the catalog views do not show it. */
export type TableSizes = (table: TableName) => number | null;

/** Questions of one request: enough that its way to the server costs little beside its work. */
const mostQuestions = 40;

/** Rows that one request reads at most of several tables: seconds, far from the read pool's time-out. */
const mostRows = 1_000_000;

/** Asks the catalog views how many rows the tables have, once a database. */
export async function tableSizes(db: ReadDatabase, tables: readonly TableName[]): Promise<TableSizes> {
  const sizes = new Map<string, number>();
  for (const { sys, listed } of tablesOfCatalogs(tables)) {
    const rows = await db.query(
      `SELECT w.name AS table_name, SUM(p.rows) AS table_rows FROM ${listed}
INNER JOIN ${sys}.partitions p ON p.object_id = w.id AND p.index_id IN (0, 1) GROUP BY w.name`,
    );
    for (const row of rows) sizes.set(text(row, 'table_name'), integer(row, 'table_rows'));
  }
  return (table) => sizes.get(quoteTable(table)) ?? null;
}

/**
 * Asks many small questions in few requests, several at a time; the answers are taken in the order of the questions,
 * when all are there.
 * @throws RefreshError whose subject is the entity of the question that failed
 */
export async function askTogether(
  db: ReadDatabase,
  sizes: TableSizes,
  questions: readonly EntityQuestion[],
): Promise<void> {
  const requests = requestsOf(sizes, questions);
  const answers = new Map<EntityQuestion, readonly SqlRow[]>();
  await inParallel(requests, (request) => askRequest(db, request, answers));
  take(questions, answers);
}

/** As askTogether(), but no question is asked before those in front of it have their answers. */
export async function askInOrder(
  db: ReadDatabase,
  sizes: TableSizes,
  questions: readonly EntityQuestion[],
): Promise<void> {
  const answers = new Map<EntityQuestion, readonly SqlRow[]>();
  for (const request of requestsOf(sizes, questions)) await askRequest(db, request, answers);
  take(questions, answers);
}

function take(questions: readonly EntityQuestion[], answers: ReadonlyMap<EntityQuestion, readonly SqlRow[]>): void {
  for (const question of questions) question.answered(answers.get(question) ?? []);
}

/** Neighbours share a request as long as their tables are small together; a large table, or one of unknown size, has its own. */
function requestsOf(sizes: TableSizes, questions: readonly EntityQuestion[]): EntityQuestion[][] {
  const requests: EntityQuestion[][] = [];
  let open: EntityQuestion[] = [];
  let rows = 0;
  for (const question of questions) {
    const size = question.parameters === undefined ? (sizes(question.table) ?? mostRows) : mostRows;
    if (open.length === 0 || open.length === mostQuestions || rows + size > mostRows) {
      open = [];
      rows = 0;
      requests.push(open);
    }
    open.push(question);
    rows += size;
  }
  return requests;
}

async function askRequest(
  db: ReadDatabase,
  request: readonly EntityQuestion[],
  answers: Map<EntityQuestion, readonly SqlRow[]>,
): Promise<void> {
  const together = request.length > 1 ? await answersTogether(db, request) : null;
  for (const [index, question] of request.entries())
    answers.set(question, together?.[index] ?? (await answerAlone(db, question)));
}

/**
 * Null if one of the questions fails, which one the server does not say: each is asked alone then. So it is if there is
 * another number of answers, for a condition of the operator may hold anything.
 */
async function answersTogether(db: ReadDatabase, request: readonly EntityQuestion[]): Promise<SqlRow[][] | null> {
  try {
    const answers = await db.queryAll(request.map(({ sql }) => sql));
    return answers.length === request.length ? answers : null;
  } catch (error) {
    if (error instanceof RefreshError) return null;
    throw error;
  }
}

async function answerAlone(db: ReadDatabase, { sql, parameters, entity }: EntityQuestion): Promise<SqlRow[]> {
  try {
    return await db.query(sql, parameters);
  } catch (error) {
    if (!(error instanceof RefreshError)) throw error;
    const { code, type, message, remedy, details } = error;
    throw new RefreshError(code, type, message, remedy, { ...details, subject: entity });
  }
}
