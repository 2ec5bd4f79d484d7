import type { StageFailure } from '../../contract.js';
import type { RefreshPlan, TableName } from '../../plan/refreshPlan.js';
import { quoteTable } from '../../sqlserver/quoteName.js';
import type { DestinationSession } from '../../sqlserver/session.js';
import { tablesOfCatalogs } from '../../sqlserver/tablesOfCatalogs.js';

/** Per table what must be as it was: constraints not trusted or disabled, and triggers disabled. */
export type ObjectState = Readonly<Record<string, { readonly untrusted: number; readonly disabledTriggers: number }>>;

export const objectStateNote = 'objectState';

export async function readObjectState(session: DestinationSession, plan: RefreshPlan): Promise<ObjectState> {
  const state: Record<string, { untrusted: number; disabledTriggers: number }> = {};
  for (const { sys, listed } of tablesOfCatalogs(writtenTables(plan)))
    for (const row of await session.rows(lookSql(sys, listed)))
      state[String(row[0])] = { untrusted: Number(row[1]), disabledTriggers: Number(row[2]) };
  return state;
}

/** The views are read once for all tables, not once for each. */
function lookSql(sys: string, listed: string): string {
  const counts = (view: string, parent: string, condition: string): string =>
    `LEFT JOIN (SELECT o.${parent} AS parent, COUNT(*) AS found FROM ${sys}.${view} o WHERE o.${condition} = 1 GROUP BY o.${parent})`;
  return [
    'SELECT w.name, COALESCE(f.found, 0) + COALESCE(c.found, 0), COALESCE(t.found, 0)',
    `FROM ${listed}`,
    `${counts('foreign_keys', 'parent_object_id', 'is_not_trusted')} f ON f.parent = w.id`,
    `${counts('check_constraints', 'parent_object_id', 'is_not_trusted')} c ON c.parent = w.id`,
    `${counts('triggers', 'parent_id', 'is_disabled')} t ON t.parent = w.id;`,
  ].join('\n');
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
