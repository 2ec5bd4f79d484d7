import { describe, expect, it } from 'vitest';
import { RefreshError } from '../../../src/sqlserver/errors.js';
import type { ReadDatabase, SqlRow } from '../../../src/sqlserver/readDatabase.js';
import { askInOrder, askTogether, tableSizes, type EntityQuestion } from '../../../src/survey/askTogether.js';

const small = 10;

/** A server whose rows say which statement they answer; `refused` fails, alone and with others. */
class Server implements ReadDatabase {
  readonly requests: string[][] = [];
  extraAnswers: SqlRow[][] = [];

  constructor(private readonly refused: string | null = null) {}

  query(sql: string): Promise<SqlRow[]> {
    this.requests.push([sql]);
    return sql === this.refused ? Promise.reject(refusal()) : Promise.resolve([{ sql }]);
  }

  queryAll(statements: readonly string[]): Promise<SqlRow[][]> {
    this.requests.push([...statements]);
    if (this.refused !== null && statements.includes(this.refused)) return Promise.reject(refusal());
    return Promise.resolve([...this.extraAnswers, ...statements.map((sql) => [{ sql }])]);
  }
}

function refusal(): RefreshError {
  return new RefreshError('timeout', 'Infrastructure', 'took too long', 'Wait.', { sqlNumber: 1222, subject: 'dbo.X' });
}

function questions(count: number, answers: string[]): EntityQuestion[] {
  return Array.from({ length: count }, (_, at) => question(`q${at}`, answers));
}

function question(name: string, answers: string[]): EntityQuestion {
  return {
    entity: `App.${name}`,
    table: { database: null, schema: 'dbo', table: name },
    sql: name,
    answered: ([row]) => answers.push(`${name}: ${String(row?.sql)}`),
  };
}

const own = (names: readonly string[]): string[] => names.map((name) => `${name}: ${name}`);

describe('questions about many entities', () => {
  it('share requests where their tables are small, and each is given its own answer in turn', async () => {
    const server = new Server();
    const answers: string[] = [];
    const asked = questions(100, answers);
    await askTogether(server, () => small, asked);
    expect(server.requests.map((request) => request.length).sort()).toEqual([20, 40, 40]);
    expect(answers).toEqual(own(asked.map(({ sql }) => sql)));
  });

  it('are asked in their order where one must see what came before it', async () => {
    const server = new Server();
    const answers: string[] = [];
    const asked = questions(100, answers);
    await askInOrder(server, (table) => (table.table === 'q50' ? 1e9 : small), asked);
    expect(server.requests.flat()).toEqual(asked.map(({ sql }) => sql));
    expect(answers).toEqual(own(asked.map(({ sql }) => sql)));
  });

  it('have a request of their own where the table is large, or nobody knows its size, or with parameters', async () => {
    const server = new Server();
    const answers: string[] = [];
    const [a, b, large, unknown, c, d] = ['a', 'b', 'large', 'unknown', 'c', 'd'].map((name) =>
      question(name, answers),
    );
    if (!a || !b || !large || !unknown || !c || !d) throw new Error('six questions');
    const sizes = { large: 5_000_000, unknown: null } as Record<string, number | null>;
    const parameters = { id0: { type: 'int', value: 1 } } as const;
    await askInOrder(server, ({ table }) => (table in sizes ? (sizes[table] ?? null) : small), [
      a,
      b,
      large,
      unknown,
      { ...c, parameters },
      d,
    ]);
    expect(server.requests).toEqual([['a', 'b'], ['large'], ['unknown'], ['c'], ['d']]);
  });

  it('share a request only as long as their tables are small together', async () => {
    const server = new Server();
    await askInOrder(server, () => 300_000, questions(4, []));
    expect(server.requests.map((request) => request.length)).toEqual([3, 1]);
  });

  it('are repeated one by one when their request fails, so that the failure names the entity', async () => {
    for (const ask of [askTogether, askInOrder]) {
      const server = new Server('q3');
      const answers: string[] = [];
      await expect(ask(server, () => small, questions(6, answers))).rejects.toMatchObject({
        code: 'timeout',
        type: 'Infrastructure',
        details: { sqlNumber: 1222, subject: 'App.q3' },
      });
      expect(server.requests).toEqual([['q0', 'q1', 'q2', 'q3', 'q4', 'q5'], ['q0'], ['q1'], ['q2'], ['q3']]);
      expect(answers).toEqual([]);
    }
  });

  it('are repeated one by one when a condition brings answers that nobody asked for', async () => {
    const server = new Server();
    server.extraAnswers = [[{ sql: 'smuggled' }]];
    const answers: string[] = [];
    await askTogether(server, () => small, questions(3, answers));
    expect(answers).toEqual(own(['q0', 'q1', 'q2']));
  });
});

describe('the sizes of tables', () => {
  it('are asked once a database, and null where the catalog views show nothing', async () => {
    const asked: string[] = [];
    const db: ReadDatabase = {
      query: (sql) => {
        asked.push(sql);
        return Promise.resolve(
          sql.includes('[Other].sys.partitions')
            ? [{ table_name: '[Other].[dbo].[A]', table_rows: '7' }]
            : [{ table_name: '[dbo].[A]', table_rows: '9007199254740991' }],
        );
      },
      queryAll: () => Promise.reject(new Error('one statement a database')),
    };
    const [a, other, hidden] = [
      { database: null, schema: 'dbo', table: 'A' },
      { database: 'Other', schema: 'dbo', table: 'A' },
      { database: null, schema: 'dbo', table: 'Hidden' },
    ] as const;
    const sizes = await tableSizes(db, [a, other, hidden]);
    expect([sizes(a), sizes(other), sizes(hidden)]).toEqual([9_007_199_254_740_991, 7, null]);
    expect(asked).toHaveLength(2);
  });
});
