import {
  entityName,
  foldKey,
  foldName,
  keyAttribute,
  physicalColumn,
  physicalTable,
  type Attribute,
  type Entity,
  type PhysicalColumn,
  type PhysicalTable,
} from '../factory/factory.js';
import { isEntity, type FactoryIndex } from '../factory/factoryIndex.js';
import type { EntityOptions, RefreshRequest, UnmappedPolicy } from '../contract.js';
import { typeFit, typeText } from './columnTypes.js';
import { compareAttributes, compareEntities, leftoverUniqueIndexes } from './compareModels.js';
import type { DraftColumn, DraftEntity, DraftNode } from './draft.js';
import { checkedOptions, optionsOf, policyFor } from './entityOptions.js';
import { finding } from './findings.js';
import { isIntegerType, isTextType, nodeName, type NodeRegistry } from './nodeRegistry.js';
import type { ColumnTreatment, Finding, FollowedKey } from './refreshPlan.js';

export interface DraftContext {
  readonly request: RefreshRequest;
  readonly source: FactoryIndex;
  readonly destination: FactoryIndex;
  readonly registry: NodeRegistry;
  readonly findings: Finding[];
}

/**
 * Matches an entity of the source with its counterpart, attribute by attribute, and decides what happens to every
 * column. Null, with a blocking finding, where the two cannot be matched.
 */
export function draftEntity(context: DraftContext, entity: Entity, path: readonly string[]): DraftEntity | null {
  const { request, source, destination, registry, findings } = context;
  const name = entityName(entity);
  const counterpart = destination.entityByKeys(entity.module.key, entity.key);
  const sourceTable = physicalTable(source.factory, entity.table);
  if (sourceTable === null)
    return refuse(
      findings,
      'MODEL_TABLE_MISSING',
      name,
      `Its table ${entity.table.table} does not exist in the source.`,
    );
  if (counterpart === null) {
    if (destination.moduleByKey(entity.module.key) === null) {
      return refuse(
        findings,
        'MODEL_MODULE_MISSING',
        entity.module.name,
        'The destination has no active module with its key.',
      );
    }
    return refuse(
      findings,
      'MODEL_ENTITY_MISSING',
      name,
      `The destination has no active entity with its keys${movedTo(entity, destination)}.`,
    );
  }
  const destinationTable = physicalTable(destination.factory, counterpart.table);
  if (destinationTable === null) {
    return refuse(
      findings,
      'MODEL_TABLE_MISSING',
      name,
      `Its table ${counterpart.table.table} does not exist in the destination.`,
    );
  }
  const node = registry.ofEntity(entity);
  if (!keyIsUsable(node, findings, name)) return null;
  findings.push(...compareEntities(entity, counterpart, sourceTable, destinationTable));
  const options = checkedOptions(optionsOf(request, entity), entity);
  const builder = new ColumnBuilder(context, entity, counterpart, sourceTable, destinationTable, options, node);
  const columns = builder.build();
  if (columns === null) return null;
  const data = options.data ?? request.destinationData;
  return {
    node: node.node,
    name,
    processTable: null,
    source: sourceTable,
    destination: destinationTable,
    columns,
    data,
    options,
    match: options.onMatch === 'insert' ? [] : matchColumns(columns, options.match),
    tenantColumn:
      entity.tenantColumn === null || counterpart.tenantColumn === null
        ? null
        : { source: entity.tenantColumn, destination: counterpart.tenantColumn },
    path,
  };
}

/** An entity that was cut and pasted into another module has new keys there (trap 11): told, never guessed. */
function movedTo(entity: Entity, destination: FactoryIndex): string {
  const namesakes = destination.factory.entities.filter(
    (each) => foldName(each.name) === foldName(entity.name) && each.kind === entity.kind,
  );
  if (namesakes.length === 0) return '';
  return `; ${namesakes.map(entityName).sort().join(', ')} has its name, but other keys, as after cut and paste`;
}

function columnNamed(columns: readonly DraftColumn[], attribute: string): DraftColumn | undefined {
  return columns.find((column) => foldName(column.attribute) === foldName(attribute));
}

class ColumnBuilder {
  private readonly name: string;

  constructor(
    private readonly context: DraftContext,
    private readonly entity: Entity,
    private readonly counterpart: Entity,
    private readonly sourceTable: PhysicalTable,
    private readonly destinationTable: PhysicalTable,
    private readonly options: EntityOptions,
    private readonly node: DraftNode,
  ) {
    this.name = entityName(entity);
  }

  /** The key column first, then attributes in the order of the metamodel, then the hidden tenant column. */
  build(): DraftColumn[] | null {
    const { findings } = this.context;
    const key = keyAttribute(this.entity);
    const columns: DraftColumn[] = [];
    const matched = new Set<Attribute>();
    for (const attribute of [...this.entity.attributes].sort((a, b) => Number(b === key) - Number(a === key))) {
      const other = this.counterpart.attributes.find((each) => foldKey(each.key) === foldKey(attribute.key));
      if (other === undefined) {
        findings.push(
          finding(
            'MODEL_ATTRIBUTE_MISSING',
            `${this.name}.${attribute.name}`,
            'The destination has no active attribute with its key: its values are not carried.',
          ),
        );
        continue;
      }
      matched.add(other);
      const column = this.column(attribute, other, attribute === key);
      if (column !== null) columns.push(column);
    }
    if (columns[0]?.treatment.kind !== 'key') {
      return refuse(findings, 'MODEL_KEY_DIFFERS', this.name, 'Its identifier has no counterpart in the destination.');
    }
    const tenant = this.tenantColumn();
    if (tenant !== null) columns.push(tenant);
    this.reportExtras(matched, columns);
    return columns;
  }

  private column(attribute: Attribute, other: Attribute, isKey: boolean): DraftColumn | null {
    const { findings } = this.context;
    const subject = `${this.name}.${attribute.name}`;
    const from = physicalColumn(this.sourceTable, attribute.column);
    const to = physicalColumn(this.destinationTable, other.column);
    if (from === null || to === null) {
      const side = from === null ? 'source' : 'destination';
      findings.push(finding('MODEL_TABLE_MISSING', subject, `The ${side}'s table has no column for it.`));
      return null;
    }
    if (from.computed || to.computed) return null;
    findings.push(...compareAttributes(subject, attribute, other));
    const treatment = this.treatment(attribute, other, from, to, isKey, subject);
    const isReference = treatment.kind === 'reference' || (treatment.kind === 'key' && treatment.follows !== undefined);
    const fits = isReference ? 'same' : this.compareTypes(subject, from, to);
    return {
      attribute: attribute.name,
      source: { column: from.name, type: from.type },
      destination: { column: to.name, type: to.type },
      treatment,
      deferral: treatment.kind === 'reference' ? 'choose' : 'never',
      narrower: fits === 'narrower',
      refusesNull: from.type.nullable && !to.type.nullable && !isKey,
    };
  }

  private treatment(
    attribute: Attribute,
    other: Attribute,
    from: PhysicalColumn,
    to: PhysicalColumn,
    isKey: boolean,
    subject: string,
  ): ColumnTreatment {
    const { source, findings } = this.context;
    const target = source.referenceOf(this.entity, attribute);
    const node = this.nodeOf(target);
    if (isKey) {
      const follows = node === null || node === this.node ? null : this.followed(node, attribute, from);
      return follows === null ? { kind: 'key' } : { kind: 'key', follows };
    }
    if (target === null) return { kind: 'copy' };
    if (node === null) {
      findings.push(
        finding(
          'REFERENCE_UNAVAILABLE',
          subject,
          'It refers to something that is not active in the source: its values are emptied.',
          policyFor(this.context.request, this.options, attribute.name).orphans === 'fail' ? 'blocking' : 'warning',
        ),
      );
      return { kind: 'constant', value: to.type.nullable ? 'null' : isIntegerType(to.type.name) ? 'zero' : 'empty' };
    }
    this.compareTargets(other, node, subject);
    if (isIntegerType(from.type.name) !== (node.keyKind === 'integer')) {
      findings.push(
        finding(
          'MODEL_KEY_DIFFERS',
          subject,
          `Its type ${typeText(from.type)} does not hold identifiers of ${nodeName(node)}.`,
        ),
      );
    }
    const policy = policyFor(this.context.request, this.options, attribute.name);
    return {
      kind: 'reference',
      node: node.node,
      unmapped: emptiable(policy.unmapped, to),
      orphans: emptiable(policy.orphans, to),
      enforcedInSource: constraintOf(this.sourceTable, from.name)?.trusted ?? false,
      enforcedInDestination: constraintOf(this.destinationTable, to.name)?.enabled ?? false,
      deferred: false,
    };
  }

  private nodeOf(target: ReturnType<FactoryIndex['referenceOf']>): DraftNode | null {
    if (target === null || target === 'unknown') return null;
    return this.context.registry.ofTarget(target);
  }

  /** A key that is itself a reference (trap 16). A one-to-one extension of a user that does not move, or who has one, stays behind. */
  private followed(node: DraftNode, attribute: Attribute, from: PhysicalColumn): FollowedKey {
    const policy = policyFor(this.context.request, this.options, attribute.name);
    const explicit = this.options.attributes[attribute.name]?.unmapped;
    const ofUsers = node.kind === 'user' && explicit === undefined;
    return {
      node: node.node,
      unmapped: policy.unmapped === 'fail' && !ofUsers ? 'fail' : 'quarantine',
      orphans: policy.orphans === 'fail' ? 'fail' : 'quarantine',
      enforcedInSource: constraintOf(this.sourceTable, from.name)?.trusted ?? false,
    };
  }

  /** The same attribute must lead to the same entity on both sides. */
  private compareTargets(other: Attribute, node: DraftNode, subject: string): void {
    const target = this.context.destination.referenceOf(this.counterpart, other);
    if (target === null || target === 'unknown' || !isEntity(target) || node.destination === null) return;
    const table = node.destination.table;
    if (
      target.table.table.toLowerCase() !== table.table.toLowerCase() ||
      target.table.schema.toLowerCase() !== table.schema.toLowerCase()
    ) {
      this.context.findings.push(
        finding(
          'MODEL_REFERENCE_DIFFERS',
          subject,
          `It refers to ${nodeName(node)} in the source but to ${entityName(target)} in the destination.`,
        ),
      );
    }
  }

  private compareTypes(subject: string, from: PhysicalColumn, to: PhysicalColumn): ReturnType<typeof typeFit> {
    const { findings } = this.context;
    const fits = typeFit(from.type, to.type);
    const types = `${typeText(from.type)} in the source, ${typeText(to.type)} in the destination.`;
    if (fits === 'incompatible') findings.push(finding('MODEL_TYPE_DIFFERS', subject, types));
    if (fits === 'wider') findings.push(finding('MODEL_TYPE_WIDER', subject, types));
    if (fits === 'narrower') findings.push(finding('MODEL_TYPE_NARROWER', subject, types));
    return fits;
  }

  /** Multi-tenant tables have a tenant that no attribute shows (trap 47); a row without it belongs to nobody. */
  private tenantColumn(): DraftColumn | null {
    const from = physicalColumn(this.sourceTable, this.entity.tenantColumn);
    const to = physicalColumn(this.destinationTable, this.counterpart.tenantColumn);
    if (from === null || to === null) return null;
    const { request, registry } = this.context;
    const policy: UnmappedPolicy = request.tenants === 'fail' || request.unmapped === 'fail' ? 'fail' : 'quarantine';
    return {
      attribute: '(tenant)',
      source: { column: from.name, type: from.type },
      destination: { column: to.name, type: to.type },
      treatment: {
        kind: 'reference',
        node: registry.ofPlatform('tenant').node,
        unmapped: policy,
        orphans: request.orphans === 'fail' ? 'fail' : 'quarantine',
        enforcedInSource: constraintOf(this.sourceTable, from.name)?.trusted ?? false,
        enforcedInDestination: constraintOf(this.destinationTable, to.name)?.enabled ?? false,
        deferred: false,
      },
      deferral: 'never',
      narrower: false,
      refusesNull: from.type.nullable && !to.type.nullable,
    };
  }

  /** What only the destination has: attributes get their default; a column that needs a value and has none is in the way. */
  private reportExtras(matched: ReadonlySet<Attribute>, columns: readonly DraftColumn[]): void {
    const { findings } = this.context;
    for (const attribute of this.counterpart.attributes) {
      if (!matched.has(attribute)) {
        findings.push(
          finding(
            'MODEL_ATTRIBUTE_EXTRA',
            `${this.name}.${attribute.name}`,
            'Only the destination has it: rows get its default.',
          ),
        );
      }
    }
    const carried = new Set(columns.map((column) => column.destination.column.toLowerCase()));
    findings.push(...leftoverUniqueIndexes(this.name, this.destinationTable, carried));
    for (const column of this.destinationTable.columns) {
      if (
        carried.has(column.name.toLowerCase()) ||
        column.type.nullable ||
        column.hasDefault ||
        column.identity ||
        column.computed
      )
        continue;
      findings.push(
        finding(
          'MODEL_COLUMN_NEEDS_VALUE',
          `${this.name}.${column.name}`,
          "The destination's column is NOT NULL without a default, and the source has no value for it.",
        ),
      );
    }
  }
}

/** setNull cannot be kept where the column refuses NULL: the row is set aside instead. */
/** With onMatch: insert rows are added beside those that match, as if nothing were matched. */
function matchColumns(columns: readonly DraftColumn[], match: readonly string[]): string[] {
  return match.flatMap((attribute) => columnNamed(columns, attribute)?.destination.column ?? []);
}

export function emptiable(policy: UnmappedPolicy, column: PhysicalColumn): UnmappedPolicy {
  return policy === 'setNull' && !column.type.nullable ? 'quarantine' : policy;
}

export function constraintOf(table: PhysicalTable, column: string) {
  return table.foreignKeys.find(
    (key) => key.enabled && key.columns.length === 1 && key.columns[0]?.toLowerCase() === column.toLowerCase(),
  );
}

function keyIsUsable(node: DraftNode, findings: Finding[], name: string): boolean {
  for (const [side, key] of [
    ['source', node.source],
    ['destination', node.destination],
  ] as const) {
    if (key === null)
      return refuse(findings, 'MODEL_KEY_MISSING', name, `It has no identifier in the ${side}.`) !== null;
    if (!isIntegerType(key.type.name) && !isTextType(key.type.name)) {
      return (
        refuse(
          findings,
          'MODEL_KEY_MISSING',
          name,
          `Identifiers of type ${typeText(key.type)} cannot be translated (${side}).`,
        ) !== null
      );
    }
  }
  if (
    node.source !== null &&
    node.destination !== null &&
    isIntegerType(node.source.type.name) !== isIntegerType(node.destination.type.name)
  ) {
    return (
      refuse(
        findings,
        'MODEL_KEY_DIFFERS',
        name,
        `Its identifier is ${typeText(node.source.type)} in the source and ${typeText(node.destination.type)} in the destination.`,
      ) !== null
    );
  }
  return true;
}

function refuse(findings: Finding[], code: Parameters<typeof finding>[0], subject: string, message: string): null {
  findings.push(finding(code, subject, message));
  return null;
}
