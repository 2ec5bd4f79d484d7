import {
  ownTable,
  physicalColumn,
  physicalTable,
  type PhysicalColumn,
  type PhysicalTable,
} from '../factory/factory.js';
import type { UnmappedPolicy } from '../contract.js';
import { typeFit, typeText } from './columnTypes.js';
import type { DraftColumn, DraftEntity } from './draft.js';
import { constraintOf, emptiable, type DraftContext } from './draftEntity.js';
import { noOptions } from './entityOptions.js';
import { finding } from './findings.js';
import { nodeName } from './nodeRegistry.js';
import type { ProcessReference, ProcessTable } from './platformNodes.js';
import type { ColumnTreatment } from './refreshPlan.js';

/**
 * One of the process tables: its columns as sys.columns has them on both sides (they may differ between platform
 * versions), with what the platform's columns are known to refer to. Null if a side lacks the table.
 */
export function draftProcessTable(context: DraftContext, definition: ProcessTable): DraftEntity | null {
  const { request, source, destination, registry, findings } = context;
  const from = physicalTable(source.factory, ownTable(definition.table));
  const to = physicalTable(destination.factory, ownTable(definition.table));
  if (from === null || to === null) {
    findings.push(
      finding(
        'MODEL_TABLE_MISSING',
        definition.table,
        `The ${from === null ? 'source' : 'destination'} lacks the table.`,
      ),
    );
    return null;
  }
  const node = registry.ofPlatform(definition.kind);
  const columns = from.columns
    .map((column) => draftColumn(context, definition, from, to, column))
    .filter((column) => column !== null)
    .sort((a, b) => Number(b.treatment.kind === 'key') - Number(a.treatment.kind === 'key'));
  const onlyDestination = to.columns
    .filter((column) => physicalColumn(from, column.name) === null)
    .map((column) => column.name);
  const onlySource = from.columns
    .filter((column) => physicalColumn(to, column.name) === null)
    .map((column) => column.name);
  if (onlySource.length + onlyDestination.length > 0) {
    const sides = [
      onlySource.length > 0 ? `only in the source: ${onlySource.join(', ')}` : '',
      onlyDestination.length > 0 ? `only in the destination: ${onlyDestination.join(', ')}` : '',
    ];
    findings.push(
      finding('PLATFORM_DIFFERS', definition.table, `Columns ${sides.filter((side) => side !== '').join('; ')}.`),
    );
  }
  return {
    node: node.node,
    name: nodeName(node),
    processTable: definition,
    source: from,
    destination: to,
    columns,
    data: request.destinationData,
    options: noOptions,
    match: [],
    tenantColumn: null,
    path: [],
  };
}

function draftColumn(
  context: DraftContext,
  definition: ProcessTable,
  from: PhysicalTable,
  to: PhysicalTable,
  column: PhysicalColumn,
): DraftColumn | null {
  const other = physicalColumn(to, column.name);
  if (other === null || column.computed || other.computed) return null;
  const name = column.name.toUpperCase();
  const reference = definition.references[name];
  const treatment = treatmentOf(context, definition, from, to, column, other, reference);
  const copied = treatment.kind === 'copy' || treatment.kind === 'typedValue';
  const fits = copied ? typeFit(column.type, other.type) : 'same';
  if (fits === 'incompatible' || fits === 'narrower') {
    const code = fits === 'incompatible' ? 'MODEL_TYPE_DIFFERS' : 'MODEL_TYPE_NARROWER';
    context.findings.push(
      finding(
        code,
        `${definition.table}.${name}`,
        `${typeText(column.type)} in the source, ${typeText(other.type)} in the destination.`,
      ),
    );
  }
  return {
    attribute: column.name,
    source: { column: column.name, type: column.type },
    destination: { column: other.name, type: other.type },
    treatment,
    deferral: reference?.deferred ?? 'never',
    narrower: fits === 'narrower',
    refusesNull: false,
  };
}

function treatmentOf(
  context: DraftContext,
  definition: ProcessTable,
  from: PhysicalTable,
  to: PhysicalTable,
  column: PhysicalColumn,
  other: PhysicalColumn,
  reference: ProcessReference | undefined,
): ColumnTreatment {
  const name = column.name.toUpperCase();
  if (name === 'ID') return { kind: 'key' };
  if (definition.value?.column === name) return { kind: 'typedValue', typeColumn: definition.value.typeColumn };
  if (name === 'NEXT_RUN') return { kind: 'nextRun', policy: context.request.processes.nextRun };
  const constant = definition.constants[name];
  if (constant !== undefined) return { kind: 'constant', value: constant };
  if (reference === undefined) return { kind: 'copy' };
  const policy = policyOf(context, reference);
  return {
    kind: 'reference',
    node: context.registry.ofPlatform(reference.kind).node,
    unmapped: emptiable(policy.unmapped, other),
    orphans: emptiable(policy.orphans, other),
    enforcedInSource: constraintOf(from, column.name)?.trusted ?? false,
    enforcedInDestination: constraintOf(to, other.name)?.enabled ?? false,
    deferred: reference.deferred === 'always',
  };
}

/**
 * An instance without its definition, process or status is nothing, so nothing may empty those; a value whose
 * definition is gone is set aside (trap 68). People follow the request, but no instance is set aside for want of one: its
 * tree would be torn.
 */
function policyOf(
  context: DraftContext,
  reference: ProcessReference,
): { unmapped: UnmappedPolicy; orphans: UnmappedPolicy } {
  const { unmapped, orphans } = context.request;
  switch (reference.kind) {
    case 'user':
    case 'group':
      return { unmapped: neverAside(unmapped), orphans: neverAside(orphans) };
    case 'processInputDefinition':
    case 'processOutputDefinition':
    case 'activityOutputDefinition':
      return { unmapped: 'quarantine', orphans: 'quarantine' };
    default:
      return reference.deferred === 'always'
        ? { unmapped: 'setNull', orphans: 'setNull' }
        : { unmapped: 'fail', orphans: 'quarantine' };
  }
}

function neverAside(policy: UnmappedPolicy): UnmappedPolicy {
  return policy === 'quarantine' ? 'setNull' : policy;
}
