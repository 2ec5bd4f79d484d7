import type { RefreshRequest, UnmappedPolicy } from '../contract.js';
import type {
  ColumnFacts,
  DestinationFacts,
  SourceFacts,
  GroupFacts,
  RecreatedUserFacts,
  UserFacts,
  UserMapFacts,
} from '../survey/facts.js';
import type { DraftColumn, DraftEntity } from './draft.js';
import { finding } from './findings.js';
import { nodeName } from './nodeRegistry.js';
import type { Outline } from './outline.js';
import type { Finding, PlannedUsers } from './refreshPlan.js';
import { userReferences } from './userReferences.js';

/** What the rows of the source say against the plan, or about what it will lose. */
export function columnFindings(outline: Outline, facts: SourceFacts): Finding[] {
  return outline.entities.flatMap((entity) =>
    entity.columns.flatMap((column) => {
      const known = facts.survey.columns[`${entity.name}.${column.attribute}`];
      return known === undefined ? [] : findingsOf(outline, entity, column, known);
    }),
  );
}

function findingsOf(outline: Outline, entity: DraftEntity, column: DraftColumn, facts: ColumnFacts): Finding[] {
  const subject = `${entity.name}.${column.attribute}`;
  const findings: Finding[] = [];
  if (facts.tooLong !== undefined)
    findings.push(
      finding('MODEL_VALUES_TOO_LONG', subject, `${facts.tooLong} values do not fit the destination's column.`),
    );
  if (facts.nulls !== undefined)
    findings.push(
      finding(
        'MODEL_NULLS_REFUSED',
        subject,
        `${facts.nulls} rows have no value, and the destination's column refuses NULL.`,
      ),
    );
  findings.push(...leftOutFindings(outline, subject, column, facts));
  const policy = policyOf(outline, column);
  if (policy === null) return findings;
  if (facts.orphans !== undefined) {
    const text = `${facts.orphans} rows refer to something that does not exist in the source either`;
    findings.push(
      policy.orphans === 'fail'
        ? finding('ORPHANS_REFUSED', subject, `${text}.`)
        : finding('ORPHANS_FOUND', subject, `${text}: ${lossOf(policy.orphans)}.`),
    );
  }
  if (facts.ambiguous !== undefined) {
    const text = `${facts.ambiguous} rows hold 0 or an empty text, which is the identifier of a row and at the same time means none`;
    findings.push(finding('KEY_NULL_IDENTIFIER', subject, `${text}.`));
  }
  const statics = facts.missingStatics ?? [];
  if (statics.length > 0) {
    const named = statics.map((record) => `${record.name} (${record.rows} rows)`).join(', ');
    const text = `The destination lacks static records in use: ${named}`;
    findings.push(
      policy.unmapped === 'fail'
        ? finding('STATIC_RECORD_MISSING_IN_USE', subject, `${text}.`)
        : finding('REFERENCE_DROPPED', subject, `${text}: ${lossOf(policy.unmapped)}.`),
    );
  }
  findings.push(...tenantFindings(outline, subject, facts, policy.unmapped));
  return findings;
}

/** References to rows that do not move. What is emptied of the values of processes, PROCESS_VALUE_UNMAPPED says. */
function leftOutFindings(outline: Outline, subject: string, column: DraftColumn, facts: ColumnFacts): Finding[] {
  const ofValues = column.treatment.kind === 'typedValue';
  const unmapped = policyOf(outline, column)?.unmapped;
  return (facts.leftOut ?? []).flatMap(({ node, rows, all }) => {
    const target = outline.registry.nodes[node];
    const what = all ? 'of which nothing is mapped' : 'of which these do not move (where, tenants, statuses)';
    const text = `${rows} rows refer to ${target === undefined ? 'something' : nodeName(target)}, ${what}`;
    if (unmapped === 'fail') return finding('REFERENCE_UNMAPPED', subject, `${text}.`);
    return ofValues && all ? [] : finding('REFERENCE_DROPPED', subject, `${text}: ${lossOf(unmapped ?? 'setNull')}.`);
  });
}

/** Values of processes follow the request. */
function policyOf(
  { request }: Outline,
  column: DraftColumn,
): { readonly unmapped: UnmappedPolicy; readonly orphans: UnmappedPolicy } | null {
  const { treatment } = column;
  if (treatment.kind === 'reference') return treatment;
  if (treatment.kind === 'typedValue') return request;
  return treatment.kind === 'key' ? (treatment.follows ?? null) : null;
}

function lossOf(policy: UnmappedPolicy): string {
  return policy === 'setNull' ? 'the reference is emptied' : 'the rows are set aside';
}

function tenantFindings(outline: Outline, subject: string, facts: ColumnFacts, unmapped: UnmappedPolicy): Finding[] {
  const missing = new Map(outline.tenants.missing.map((tenant) => [tenant.id, tenant.name]));
  return (facts.tenants ?? []).flatMap(({ id, rows }) => {
    const name = missing.get(id);
    if (name === undefined) return [];
    const text = `${rows} rows belong to tenant ${name}, which the destination lacks`;
    if (outline.request.tenants === 'fail' || unmapped === 'fail')
      return finding('TENANT_MISSING', subject, `${text}.`);
    return finding('TENANT_EXCLUDED', subject, `${text}: they stay behind.`);
  });
}

/** What unique indexes of the destination will refuse. */
export function uniqueFindings(facts: SourceFacts): Finding[] {
  return Object.entries(facts.survey.unique).flatMap(([index, { alike, stays, ofKey }]) => [
    ...(alike > 0
      ? [
          finding(
            ofKey ? 'KEY_COLLATION_CONFLICT' : 'UNIQUE_CONFLICT',
            index,
            `${alike} values occur more than once among the rows that are loaded, as the destination compares them and with its identifiers.`,
          ),
        ]
      : []),
    ...(stays === null
      ? [
          finding(
            'UNIQUE_UNCHECKED',
            index,
            'Whether rows are alike in this index can be seen only when they are written.',
          ),
        ]
      : []),
    ...(stays !== null && stays > 0
      ? [finding('UNIQUE_CONFLICT', index, `${stays} rows are alike to rows of the destination that stay.`)]
      : []),
  ]);
}

/** Two rows of the source cannot both be written to one row of the destination; both may stand for one. */
export function matchFindings(outline: Outline, facts: SourceFacts): Finding[] {
  return outline.entities.flatMap((entity) => {
    const alike = facts.survey.alikeInMatch[entity.name] ?? 0;
    if (alike === 0) return [];
    const text = `${alike} times several rows of the source are equal in ${entity.options.match.join(', ')}`;
    return entity.options.onMatch === 'update'
      ? finding('MATCH_ALIKE', entity.name, `${text}: they would all be written to one row.`)
      : finding(
          'MATCH_ALIKE',
          entity.name,
          `${text}: where the destination has the row, all of them stand for it.`,
          'warning',
        );
  });
}

/** Static records and roles that the destination lacks but nothing that moves refers to. */
export function missingRecordFindings(outline: Outline): Finding[] {
  const findings: Finding[] = [];
  for (const [number, match] of outline.statics) {
    const node = outline.registry.nodes[number];
    if (node === undefined || node.origin !== 'matched' || match.missing.length === 0) continue;
    const names = match.missing.slice(0, 5).map((record) => record.name);
    const more = match.missing.length > names.length ? ` and ${match.missing.length - names.length} more` : '';
    findings.push(
      finding('STATIC_RECORD_MISSING', nodeName(node), `The destination lacks ${names.join(', ')}${more}.`),
    );
    if (match.namesakes.length > 0) {
      findings.push(
        finding(
          'STATIC_RECORD_NAMESAKE',
          nodeName(node),
          `${match.namesakes.join(', ')} bears the name of a record of the destination, but was made anew: it has another key.`,
        ),
      );
    }
  }
  const there = new Set(
    outline.destination.factory.roles.filter((role) => role.active).map((role) => `${role.espaceKey}*${role.key}`),
  );
  const modules = new Set(outline.scope.modules.map((module) => module.key));
  for (const role of outline.source.factory.roles) {
    if (!role.active || !modules.has(role.espaceKey) || there.has(`${role.espaceKey}*${role.key}`)) continue;
    findings.push(finding('ROLE_MISSING', role.name, 'The destination lacks the role: it is granted to nobody there.'));
  }
  return findings;
}

export function planUsers(
  outline: Outline,
  source: SourceFacts,
  destination: DestinationFacts,
): { users: PlannedUsers; findings: Finding[] } {
  const { request } = outline;
  const facts = source.survey.users;
  const creates = request.users.mode !== 'matchOnly';
  const created = creates ? facts.unmatched - facts.withoutTenant : 0;
  const unmatched = facts.unmatched - created;
  const fallbackId = destination.survey.fallbackUserId;
  const findings: Finding[] = [
    finding(
      'USERS_FORECAST',
      'users',
      `${facts.needed} needed, ${facts.matched} matched by ${matchedBy(request, facts)}, ${created} to create.`,
    ),
  ];
  if (facts.ambiguous > 0)
    findings.push(
      finding('USERS_AMBIGUOUS', 'users', `${facts.ambiguous} users of the source have several counterparts.`),
    );
  if (unmatched > 0 && fallbackId === null) {
    const why = facts.withoutTenant > 0 ? ` (${facts.withoutTenant} belong to tenants that the destination lacks)` : '';
    const text = `${unmatched} users have no counterpart${why}`;
    findings.push(
      request.unmapped === 'fail'
        ? finding('USERS_UNMATCHED_REFUSED', 'users', `${text}.`)
        : finding('USERS_UNMATCHED', 'users', `${text}: references to them are lost.`),
    );
  }
  if (creates && facts.namesakes > 0) {
    findings.push(
      finding(
        'USERS_NAMESAKES',
        'users',
        `${facts.namesakes} users to create have the login of another user of the same tenant.`,
      ),
    );
  }
  findings.push(...groupFindings(request, source.survey.groups));
  findings.push(...userMapFindings(source.survey.userMap));
  findings.push(...recreationFindings(destination.survey.recreated));
  if (request.users.fallback !== null && fallbackId === null) {
    findings.push(finding('USERS_FALLBACK_UNKNOWN', 'users.fallback', 'The destination has no user of that name.'));
  }
  return {
    users: {
      mode: request.users.mode,
      needed: facts.needed,
      matched: facts.matched,
      created,
      unmatched,
      byMap: facts.byMap,
      ambiguous: facts.ambiguous,
      fallbackId,
      pairs: source.survey.userMap.pairs,
      shared: source.survey.userMap.shared,
      doubles: facts.doubles,
      references: request.users.mode === 'recreate' ? userReferences(outline.destination) : [],
    },
    findings,
  };
}

/** Users that rows outside of the load refer to are not deleted: the rows would name nobody, or somebody else (trap 59). */
function recreationFindings(facts: RecreatedUserFacts | null): Finding[] {
  if (facts === null) return [];
  const unreadable = facts.unreadable.join(', ');
  return [
    ...facts.references.map(({ name, rows, keys, userIds }) => {
      const sample = keys.length === 0 ? '' : `rows ${keys.join(', ')}; `;
      const text = `${rows} rows outside of the load refer to users that would be deleted (${sample}users ${userIds.join(', ')}${rows > userIds.length ? ' …' : ''}).`;
      return finding('USERS_RECREATE_REFERRED', name, text);
    }),
    ...(unreadable === ''
      ? []
      : [finding('USERS_RECREATE_REFERRED', unreadable, 'The login may not see whether their rows refer to users.')]),
  ];
}

/** Groups are created, but in matchOnly; nobody stands for one that is missing. */
function groupFindings(request: RefreshRequest, facts: GroupFacts): Finding[] {
  const creates = request.users.mode !== 'matchOnly';
  const unmatched = creates ? facts.withoutTenant : facts.needed - facts.matched;
  if (unmatched === 0) return [];
  const text = `${unmatched} groups that activities name have no counterpart`;
  return [
    request.unmapped === 'fail'
      ? finding('USERS_UNMATCHED_REFUSED', 'groups', `${text}.`)
      : finding('USERS_UNMATCHED', 'groups', `${text}: references to them are lost.`),
  ];
}

function matchedBy({ users }: RefreshRequest, { byMap }: UserFacts): string {
  const attributes = users.match.join(' and ');
  return users.map === null ? attributes : `${attributes} (${byMap} of them by users.map)`;
}

/** A file with every line wrong is told by its first lines. */
const shownProblems = 20;

function userMapFindings({ problems }: UserMapFacts): Finding[] {
  const shown = problems.slice(0, shownProblems).map(({ code, line, message }) => {
    return finding(code, 'users.map', line === null ? message : `Line ${line}: ${message}`);
  });
  const more = problems[shownProblems];
  if (more === undefined) return shown;
  return [...shown, finding(more.code, 'users.map', `${problems.length - shownProblems} more lines have problems.`)];
}
