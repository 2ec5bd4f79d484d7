import type { PlannedNode } from '../../plan/refreshPlan.js';
import { quoteName, quoteTable, quoteText } from '../../sqlserver/quoteName.js';

/**
 * SELECT of the records of a matched node on one side: `record_key`, the `match_key` that stands for the same thing in
 * every environment, and whether the record is active. SS_Keys hold no '|', so the parts of a match key cannot run into
 * each other; names come last. Null for nodes that are matched elsewhere (users, groups) or not at all.
 */
export function matchList(node: PlannedNode, side: 'source' | 'destination'): string | null {
  const espace = quoteText(node.espaceKey);
  switch (node.kind) {
    case 'staticEntity':
      // The record's key in its physical table is DATA_ID; ID is that of the metadata row (trap 51).
      return select('r.DATA_ID', ['r.SS_KEY'], 'r.IS_ACTIVE', [
        'dbo.OSSYS_ENTITY_RECORD r',
        'JOIN dbo.OSSYS_ESPACE e ON e.ID = r.ESPACE_ID',
        `WHERE e.IS_ACTIVE = 1 AND e.SS_KEY = ${espace} AND r.ENTITY_SS_KEY = ${quoteText(node.entityKey)} AND r.DATA_ID IS NOT NULL`,
      ]);
    case 'tenant':
      return select('t.ID', ['e.SS_KEY', 't.NAME'], 't.IS_ACTIVE', [
        'dbo.OSSYS_TENANT t',
        'JOIN dbo.OSSYS_ESPACE e ON e.ID = t.ESPACE_ID',
      ]);
    case 'role':
      return select('r.ID', ['e.SS_KEY', 'r.SS_KEY'], 'r.IS_ACTIVE', [
        'dbo.OSSYS_ROLE r',
        'JOIN dbo.OSSYS_ESPACE e ON e.ID = r.ESPACE_ID',
        'WHERE e.IS_ACTIVE = 1',
      ]);
    case 'espace':
      return select('e.ID', ['e.SS_KEY'], 'e.IS_ACTIVE', ['dbo.OSSYS_ESPACE e']);
    case 'processDefinition':
      return select('d.ID', ['e.SS_KEY', 'd.SS_KEY'], 'd.IS_ACTIVE', definitions([]));
    case 'processInputDefinition':
      return select(
        'i.ID',
        ['e.SS_KEY', 'd.SS_KEY', 'i.SS_KEY'],
        'i.IS_ACTIVE',
        definitions(['JOIN dbo.OSSYS_BPM_PROCESS_INPUT_DEF i ON i.PROCESS_DEF_ID = d.ID']),
      );
    case 'processOutputDefinition':
      return select(
        'o.ID',
        ['e.SS_KEY', 'd.SS_KEY', 'o.SS_KEY'],
        'o.IS_ACTIVE',
        definitions(['JOIN dbo.OSSYS_BPM_PROCESS_OUTPUT_DEF o ON o.PROCESS_DEF_ID = d.ID']),
      );
    case 'activityDefinition':
      return select(
        'a.ID',
        ['e.SS_KEY', 'd.SS_KEY', 'a.SS_KEY'],
        'a.IS_ACTIVE',
        definitions(['JOIN dbo.OSSYS_BPM_ACTIVITY_DEFINITION a ON a.PROCESS_DEF_ID = d.ID']),
      );
    case 'activityOutputDefinition':
      return select(
        'o.ID',
        ['e.SS_KEY', 'd.SS_KEY', 'a.SS_KEY', 'o.SS_KEY'],
        'o.IS_ACTIVE',
        definitions([
          'JOIN dbo.OSSYS_BPM_ACTIVITY_DEFINITION a ON a.PROCESS_DEF_ID = d.ID',
          'JOIN dbo.OSSYS_BPM_ACTIVITY_OUTPUT_DEF o ON o.ACTIVITY_DEF_ID = a.ID',
        ]),
      );
    case 'processStatus':
      return select('s.ID', ['s.NAME'], '1', ['dbo.OSSYS_BPM_PROCESS_STATUS s']);
    case 'activityStatus':
      return select('s.ID', ['s.NAME'], '1', ['dbo.OSSYS_BPM_ACTIVITY_STATUS s']);
    case 'entity':
      return entityList(node, side);
    default:
      return null;
  }
}

const definitions = (further: readonly string[]): string[] => [
  'dbo.OSSYS_BPM_PROCESS_DEFINITION d',
  'JOIN dbo.OSSYS_ESPACE e ON e.ID = d.ESPACE_ID',
  ...further,
  'WHERE e.IS_ACTIVE = 1',
];

/** Entities outside the scope (producers: matchOnly) are matched by the attributes that the plan chose. */
function entityList(node: PlannedNode, side: 'source' | 'destination'): string | null {
  const key = side === 'source' ? node.source : node.destination;
  const columns = node.match?.[side] ?? [];
  if (key === null || columns.length === 0) return null;
  const parts = columns.map((column) => `x.${quoteName(column)}`);
  return select(`x.${quoteName(key.column)}`, parts, '1', [`${quoteTable(key.table)} x`]);
}

function select(key: string, parts: readonly string[], active: string, from: readonly string[]): string {
  const matchKey = parts.map((part) => `CONVERT(nvarchar(450), ${part}) COLLATE DATABASE_DEFAULT`).join(" + N'|' + ");
  return (
    `SELECT CONVERT(nvarchar(446), ${key}) AS record_key, CONVERT(nvarchar(450), ${matchKey}) AS match_key, ` +
    `CONVERT(bit, ${active}) AS active FROM ${from.join(' ')}`
  );
}

/**
 * Destination records that count only if active: what was deleted in OutSystems has lost its row or its meaning.
 * Definitions may be inactive if the request moves their instances.
 */
export function activeOnly(node: PlannedNode, inactiveDefinitions: boolean): boolean {
  switch (node.kind) {
    case 'staticEntity':
    case 'espace':
    case 'role':
      return true;
    case 'processDefinition':
    case 'processInputDefinition':
    case 'processOutputDefinition':
    case 'activityDefinition':
    case 'activityOutputDefinition':
      return !inactiveDefinitions;
    default:
      return false;
  }
}
