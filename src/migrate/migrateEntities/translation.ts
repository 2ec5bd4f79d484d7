import type { UnmappedPolicy } from '../../contract.js';
import type { ColumnTreatment, PlannedNode } from '../../plan/refreshPlan.js';
import { integerList, quoteText, textList } from '../../sqlserver/quoteName.js';
import { isMapped, stagedColumnNamed, type EntityShape, type ShapeColumn, type StagedColumn } from './entityShape.js';
import { lookup, nullIdentifier, plannedNode, type LookupContext } from './lookup.js';
import { valueTypesByNode } from './pageQuery.js';
import { mayBeSetAside, targetSetAside } from './setAside.js';

/** What one destination column takes, and when its row may be inserted. `s` is the staging table. */
export interface Translation {
  readonly column: ShapeColumn;
  readonly joins: readonly string[];
  /** The value to insert, as an expression over `s` and the joins. */
  readonly value: string;
  readonly problem: Problem | null;
}

/** How a reference without an image shows, and what the plan wants done then. */
export interface Problem {
  readonly attribute: string;
  /** The staged value is an identifier other than the null identifier. */
  readonly isIdentifier: string;
  /** It is one, and its image was not found. */
  readonly missing: string;
  /** Among these: its row does not exist in the source either. Null where the source enforces the reference. */
  readonly orphan: string | null;
  /** Among these: its row was set aside in this run. Null where that cannot be. */
  readonly setAside: string | null;
  readonly unmapped: Policy;
  readonly orphans: Policy;
  readonly deferred: boolean;
}

type Policy = UnmappedPolicy;

export const nullDate = "CONVERT(datetime, N'1900-01-01T00:00:00', 126)";

export function translate(context: LookupContext, shape: EntityShape, column: ShapeColumn): Translation {
  const { planned, staged } = column;
  const treatment = planned.treatment;
  if (staged === null)
    return plain(column, shape.literals.get(planned.destination.column.toUpperCase()) ?? constantOf(treatment));
  const value = staged.transport.write(`s.${staged.name}`, planned.destination.type);
  switch (treatment.kind) {
    case 'copy':
    case 'constant':
      return plain(column, value);
    case 'nextRun':
      return plain(column, treatment.policy === 'shift' ? shifted(context, `s.${staged.name}`) : value);
    case 'typedValue':
      return translateTypedValue(context, shape, column, staged, treatment.typeColumn);
    case 'reference':
      return translateReference(context, column, staged, treatment);
    case 'key':
      return treatment.follows === undefined
        ? plain(column, value)
        : translateReference(context, column, staged, {
            ...treatment.follows,
            enforcedInDestination: true,
            deferred: false,
          });
  }
}

function plain(column: ShapeColumn, value: string): Translation {
  return { column, joins: [], value, problem: null };
}

function constantOf(treatment: ColumnTreatment): string {
  if (treatment.kind !== 'constant') return nullDate;
  switch (treatment.value) {
    case 'null':
      return 'NULL';
    case 'nullDate':
      return nullDate;
    case 'zero':
      return '0';
    case 'empty':
      return "N''";
  }
}

/** Dates of the future stay as far ahead as they were when the run was opened; the null date stays. */
function shifted(context: LookupContext, value: string): string {
  const opened = `(SELECT opened_at FROM ${context.state.table('run')} WHERE number = ${context.runNumber})`;
  return `CASE WHEN ${value} > ${nullDate} THEN DATEADD(second, DATEDIFF(second, ${opened}, GETUTCDATE()), ${value}) ELSE ${value} END`;
}

interface Reference {
  readonly node: number;
  readonly unmapped: Policy;
  readonly orphans: Policy;
  readonly enforcedInSource: boolean;
  readonly enforcedInDestination: boolean;
  readonly deferred: boolean;
}

function translateReference(
  context: LookupContext,
  column: ShapeColumn,
  staged: StagedColumn,
  reference: Reference,
): Translation {
  const node = plannedNode(context.plan, reference.node);
  if (constraintSuffices(context, node, reference)) return plain(column, `s.${staged.name}`);
  const identifier = identifierOf(staged, node.keyKind);
  const found = lookup(context, reference.node, `m${staged.name}`, identifier);
  const none = staged.transport.stagingType === 'uniqueidentifier' ? emptyGuid : nullIdentifier(node);
  // Where no constraint stands in the way a null identifier stays as it was written: 0 or '' (trap 21).
  const kept = reference.enforcedInDestination ? 'NULL' : `CASE WHEN ${identifier} = ${none} THEN ${none} END`;
  const isIdentifier = `s.${staged.name} IS NOT NULL AND ${identifier} <> ${none}`;
  return {
    column,
    joins: found.join === '' ? [] : [found.join],
    value: found.join === '' ? kept : `COALESCE(${found.key}, ${kept})`,
    problem: {
      attribute: column.planned.attribute,
      isIdentifier: `(${isIdentifier})`,
      missing: `(${isIdentifier} AND NOT (${found.found}${unlessOfAnother(context, column, node, identifier, found.key)}))`,
      orphan: staged.presence === null ? null : `s.${staged.presence} = 0`,
      setAside: targetSetAside(context, reference.node, identifier),
      unmapped: reference.unmapped,
      orphans: reference.orphans,
      deferred: reference.deferred,
    },
  };
}

/**
 * Several users may stand for one, who has one extension at most: rows whose key is a user's never become the fallback
 * user's, nor those of a user for whom a better one stands (trap 64).
 */
function unlessOfAnother(
  context: LookupContext,
  column: ShapeColumn,
  node: PlannedNode,
  identifier: string,
  key: string,
): string {
  const { users } = context.plan;
  if (users === undefined || node.kind !== 'user' || column.planned.treatment.kind !== 'key') return '';
  const conditions = users.fallbackId === null ? [] : [`${key} <> ${users.fallbackId}`];
  const owner = context.owners.get(node.node);
  if (users.doubles.length > 0 && owner !== undefined) {
    // Users who are recreated each have an image of their own.
    const shared = `EXISTS (SELECT 1 FROM ${context.state.table('key_map')} o WHERE o.owner = ${owner} AND o.run = ${context.runNumber} AND o.destination_key = ${key} AND o.source_key <> ${identifier})`;
    conditions.push(`NOT (${identifier} IN (${integerList(users.doubles)}) AND ${shared})`);
  }
  return conditions.map((each) => ` AND ${each}`).join('');
}

const emptyGuid = "N'00000000-0000-0000-0000-000000000000'";

/**
 * True where a lookup would tell nothing new: rows keep their keys, both sides enforce the reference, none of them is set
 * aside, and a missing row is to fail the entity, which the destination's constraint does.
 */
function constraintSuffices(context: LookupContext, node: PlannedNode, reference: Reference): boolean {
  return (
    node.origin === 'preserved' &&
    !isMapped(context.plan, node) &&
    !reference.deferred &&
    reference.enforcedInSource &&
    reference.enforcedInDestination &&
    reference.unmapped === 'fail' &&
    !mayBeSetAside(context.plan, reference.node)
  );
}

/** The staged identifier in the type of the key map. */
export function identifierOf(staged: StagedColumn, keyKind: 'integer' | 'text'): string {
  const value = `s.${staged.name}`;
  if (keyKind === 'integer') return staged.transport.text ? `CONVERT(bigint, ${value})` : value;
  return value;
}

/**
 * INPUT_VALUE and OUTPUT_VALUE: an identifier where SS_TYPE names an entity (DATA_TYPE does not tell, trap 27). What
 * has no image becomes the null identifier: an identifier of the source would name some other row.
 */
function translateTypedValue(
  context: LookupContext,
  shape: EntityShape,
  column: ShapeColumn,
  staged: StagedColumn,
  typeColumn: string,
): Translation {
  const value = `s.${staged.name}`;
  const type = `s.${stagedColumnNamed(shape, typeColumn).name}`;
  const joins: string[] = [];
  const branches: string[] = [];
  const identifiers: string[] = [];
  const missing: string[] = [];
  const setAside: string[] = [];
  valueTypesByNode(context.plan).forEach(({ node: number, types }, position) => {
    const node = plannedNode(context.plan, number);
    const ofType = `${type} IN (${textList(types)})`;
    const identifier = node.keyKind === 'text' ? value : `TRY_CONVERT(bigint, ${value})`;
    const found = lookup(context, number, `m${staged.name}_${position}`, identifier, ofType);
    if (found.join !== '') joins.push(found.join);
    const isIdentifier = `${ofType} AND ${identifier} <> ${nullIdentifier(node)}`;
    const none = node.keyKind === 'text' ? "N''" : "N'0'";
    branches.push(`WHEN ${isIdentifier} THEN COALESCE(CONVERT(nvarchar(450), ${found.key}), ${none})`);
    identifiers.push(`(${isIdentifier})`);
    const aside = targetSetAside(context, number, identifier);
    if (aside !== null) setAside.push(`(${isIdentifier} AND ${aside})`);
    missing.push(`(${isIdentifier} AND NOT (${found.found}))`);
  });
  if (branches.length === 0) return plain(column, value);
  const { unmapped, orphans } = context.plan.request;
  return {
    column,
    joins,
    value: `CASE ${branches.join(' ')} ELSE ${value} END`,
    problem: {
      attribute: column.planned.attribute,
      isIdentifier: `(${identifiers.join(' OR ')})`,
      missing: `(${missing.join(' OR ')})`,
      orphan: staged.presence === null ? null : `s.${staged.presence} = 0`,
      setAside: setAside.length === 0 ? null : `(${setAside.join(' OR ')})`,
      unmapped,
      orphans,
      deferred: false,
    },
  };
}

/**
 * The condition that picks the rows to which a policy applies: orphans and unmapped references have policies of their
 * own. A row whose target was set aside is set aside too, where it would fail the entity otherwise. Null if it applies to
 * none. Of a deferred reference, whose image may not exist yet, only orphans are judged.
 */
export function underPolicy(problem: Problem, policy: Policy): string | null {
  const own = underOwnPolicy(problem, policy);
  if (problem.setAside === null || policy === 'setNull') return own;
  if (policy === 'fail') return own === null ? null : `(${own} AND NOT ${problem.setAside})`;
  const failing = underOwnPolicy(problem, 'fail');
  const dependent = failing === null ? null : `(${failing} AND ${problem.setAside})`;
  return own === null || dependent === null ? (own ?? dependent) : `(${own} OR ${dependent})`;
}

function underOwnPolicy(problem: Problem, policy: Policy): string | null {
  const unmapped = problem.unmapped === policy && !problem.deferred;
  const orphans = problem.orphans === policy;
  if (problem.orphan === null) return unmapped ? problem.missing : null;
  if (unmapped && orphans) return problem.missing;
  if (unmapped) return `(${problem.missing} AND NOT (${problem.orphan}))`;
  if (orphans) return `(${problem.missing} AND ${problem.orphan})`;
  return null;
}

/** Reason of a quarantined row, as an expression. */
export function reasonOf(problem: Problem): string {
  const cases = [
    ...(problem.setAside === null ? [] : [`WHEN ${problem.setAside} THEN N'refers to a row set aside'`]),
    ...(problem.orphan === null ? [] : [`WHEN ${problem.orphan} THEN N'orphan'`]),
  ];
  return cases.length === 0 ? quoteText('unmapped') : `CASE ${cases.join(' ')} ELSE N'unmapped' END`;
}
