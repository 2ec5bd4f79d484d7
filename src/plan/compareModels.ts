import { entityName, type Attribute, type Entity, type PhysicalTable } from '../factory/factory.js';
import { finding } from './findings.js';
import type { Finding } from './refreshPlan.js';

/** Differences of two matched entities that concern them as a whole. */
export function compareEntities(
  source: Entity,
  destination: Entity,
  sourceTable: PhysicalTable,
  destinationTable: PhysicalTable,
): Finding[] {
  const subject = entityName(source);
  const findings: Finding[] = [];
  if (source.kind !== destination.kind) {
    findings.push(
      finding(
        'MODEL_KIND_DIFFERS',
        subject,
        `It is a ${source.kind} in the source and a ${destination.kind} in the destination.`,
      ),
    );
  }
  const sourceTenancy = source.tenantColumn !== null;
  const destinationTenancy = destination.tenantColumn !== null;
  if (sourceTenancy !== destinationTenancy) {
    findings.push(
      finding(
        'MODEL_TENANCY_DIFFERS',
        subject,
        `It is multi-tenant in the ${sourceTenancy ? 'source' : 'destination'} only.`,
      ),
    );
  }
  const collations = (table: PhysicalTable): string =>
    [...new Set(table.columns.flatMap((column) => column.type.collation ?? []))].sort().join(', ');
  const from = collations(sourceTable);
  const to = collations(destinationTable);
  if (from !== '' && to !== '' && from !== to) {
    findings.push(
      finding(
        'MODEL_COLLATION_DIFFERS',
        subject,
        `Its texts are in ${from} in the source and in ${to} in the destination.`,
      ),
    );
  }
  return findings;
}

/**
 * Unique indexes of the destination over columns that no attribute carries (trap 9): every row would get the same
 * default there, so the second one could not be inserted.
 */
export function leftoverUniqueIndexes(subject: string, table: PhysicalTable, carried: ReadonlySet<string>): Finding[] {
  return table.uniqueIndexes
    .filter((index) => !index.filtered && index.columns.length > 0)
    .filter((index) => index.columns.every((column) => !carried.has(column.toLowerCase())))
    .filter((index) => !index.columns.some((column) => fillsItself(table, column)))
    .map((index) =>
      finding(
        'MODEL_UNIQUE_LEFTOVER',
        `${subject}.${index.name}`,
        `The destination's unique index is over ${index.columns.join(', ')}, for which the source has no values.`,
      ),
    );
}

function fillsItself(table: PhysicalTable, name: string): boolean {
  return table.columns.some((column) => column.name === name && (column.identity || column.computed));
}

/** Differences in what developers declared; the columns' types are compared as sys.columns has them. */
export function compareAttributes(subject: string, source: Attribute, destination: Attribute): Finding[] {
  const findings: Finding[] = [];
  if (source.deleteRule.toLowerCase() !== destination.deleteRule.toLowerCase()) {
    findings.push(
      finding(
        'MODEL_DELETE_RULE_DIFFERS',
        subject,
        `Delete rule ${source.deleteRule || '(none)'} in the source, ${destination.deleteRule || '(none)'} in the destination.`,
      ),
    );
  }
  if (source.mandatory !== destination.mandatory) {
    findings.push(
      finding(
        'MODEL_MANDATORY_DIFFERS',
        subject,
        `Mandatory in the ${source.mandatory ? 'source' : 'destination'} only.`,
      ),
    );
  }
  return findings;
}
