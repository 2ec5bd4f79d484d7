import type { StageFailure } from '../../contract.js';
import type { RefreshPlan, TableName } from '../../plan/refreshPlan.js';
import { quoteName, quoteTable, quoteText } from '../../sqlserver/quoteName.js';
import type { DestinationSession } from '../../sqlserver/session.js';

/** Per table what must be as it was: constraints not trusted or disabled, and triggers disabled. */
export type ObjectState = Readonly<Record<string, { readonly untrusted: number; readonly disabledTriggers: number }>>;

export const objectStateNote = 'objectState';

const tablesAStatement = 50;

export async function readObjectState(session: DestinationSession, plan: RefreshPlan): Promise<ObjectState> {
  const state: Record<string, { untrusted: number; disabledTriggers: number }> = {};
  const tables = writtenTables(plan);
  for (let start = 0; start < tables.length; start += tablesAStatement) {
    const looks = tables.slice(start, start + tablesAStatement).map(lookSql);
    for (const row of await session.rows(`${looks.join('\nUNION ALL\n')};`))
      state[String(row[0])] = { untrusted: Number(row[1]), disabledTriggers: Number(row[2]) };
  }
  return state;
}

function lookSql(table: TableName): string {
  const sys = table.database === null ? 'sys' : `${quoteName(table.database)}.sys`;
  const name = quoteText(quoteTable(table));
  const count = (view: string, column: string): string =>
    `(SELECT COUNT(*) FROM ${sys}.${view} o WHERE o.parent_object_id = OBJECT_ID(${name}) AND o.${column} = 1)`;
  return (
    `SELECT ${name}, ${count('foreign_keys', 'is_not_trusted')} + ${count('check_constraints', 'is_not_trusted')}, ` +
    `(SELECT COUNT(*) FROM ${sys}.triggers t WHERE t.parent_id = OBJECT_ID(${name}) AND t.is_disabled = 1)`
  );
}

function writtenTables(plan: RefreshPlan): TableName[] {
  return [
    ...new Map(plan.entities.map(({ destinationTable }) => [quoteTable(destinationTable), destinationTable])).values(),
  ];
}

/** Constraints that lost their trust and triggers that were switched off since the run began to write. */
export function compareObjectState(before: ObjectState, after: ObjectState): StageFailure[] {
  return Object.entries(after).flatMap(([table, now]) => {
    const then = before[table];
    if (then === undefined || (now.untrusted <= then.untrusted && now.disabledTriggers <= then.disabledTriggers))
      return [];
    return [
      {
        code: 'objectsChanged',
        message: `constraints of ${table} are no longer trusted, or its triggers were disabled, since the run began`,
        sqlNumber: null,
        subject: table,
        remedy:
          'Enable the triggers and check the constraints (ALTER TABLE … WITH CHECK CHECK CONSTRAINT ALL), then retry verify.',
      },
    ];
  });
}
