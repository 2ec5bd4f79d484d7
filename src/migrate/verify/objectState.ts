import type { StageFailure } from '../../contract.js';
import type { RefreshPlan, TableName } from '../../plan/refreshPlan.js';
import { quoteName, quoteTable, quoteText } from '../../sqlserver/quoteName.js';
import type { DestinationSession } from '../../sqlserver/session.js';

/** Per table what must be as it was: constraints not trusted or disabled, and triggers disabled. */
export type ObjectState = Readonly<Record<string, { readonly untrusted: number; readonly disabledTriggers: number }>>;

export const objectStateNote = 'objectState';

export async function readObjectState(session: DestinationSession, plan: RefreshPlan): Promise<ObjectState> {
  const state: Record<string, { untrusted: number; disabledTriggers: number }> = {};
  for (const table of writtenTables(plan)) {
    const sys = table.database === null ? 'sys' : `${quoteName(table.database)}.sys`;
    const id = `OBJECT_ID(${quoteText(quoteTable(table))})`;
    const count = (view: string, column: string): string =>
      `(SELECT COUNT(*) FROM ${sys}.${view} o WHERE o.parent_object_id = ${id} AND o.${column} = 1)`;
    const [row] = await session.rows(
      `SELECT ${count('foreign_keys', 'is_not_trusted')} + ${count('check_constraints', 'is_not_trusted')}, ` +
        `(SELECT COUNT(*) FROM ${sys}.triggers t WHERE t.parent_id = ${id} AND t.is_disabled = 1);`,
    );
    state[quoteTable(table)] = { untrusted: Number(row?.[0]), disabledTriggers: Number(row?.[1]) };
  }
  return state;
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
