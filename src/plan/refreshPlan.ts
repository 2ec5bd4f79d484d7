import type { RefreshRequest } from '../contract.js';

/**
 * The whole of what a run will do, decided before anything is written. Pure data: it is made by plan/ from facts,
 * stored by hash in the state schema, printed by report/, and carried out by migrate/. It holds ids, names and counts,
 * never row values.
 */
export interface RefreshPlan {
  readonly format: 1;
  readonly request: RefreshRequest;
  readonly source: PlannedEnvironment;
  readonly destination: PlannedEnvironment;
  readonly rights: RightsLevel;
  /** Destination applications to disable: those owning a table that is written, and those referring to one. */
  readonly applications: readonly PlannedApplication[];
  /** Every identifier space that a row or a reference belongs to; a node's number is its index. */
  readonly nodes: readonly PlannedNode[];
  /** Entities whose rows move, process tables included. */
  readonly entities: readonly PlannedEntity[];
  readonly items: readonly PlannedItem[];
  /** In the order of deletion: consumers before producers. */
  readonly deletions: readonly PlannedDeletion[];
  readonly eventTables: readonly PlannedEventTable[];
  readonly processes: PlannedProcesses | null;
  readonly queues: PlannedQueues;
  readonly findings: readonly Finding[];
  /** Absent only in hand-made plans. */
  readonly users?: PlannedUsers;
  /** SS_Keys of the modules that the fingerprints of both environments cover. */
  readonly moduleKeys?: readonly string[];
  /** Who pulled in what: for each entity outside the named scope the path that leads to it. */
  readonly producers: readonly { readonly entity: string; readonly path: readonly string[] }[];
}

export interface PlannedEnvironment {
  /** Name in the configuration. */
  readonly name: string;
  readonly server: string;
  readonly database: string;
  readonly collation: string;
  /** Hash over the metamodel that the plan rests on; a change since the plan stops the run. */
  readonly fingerprint: string;
}

/**
 * full: everything. dataWriter: rows may be written everywhere needed, but DDL or IDENTITY_INSERT is refused somewhere.
 * applicationTables: rows of application tables only, as in OutSystems Cloud.
 */
export type RightsLevel = 'full' | 'dataWriter' | 'applicationTables';

export interface PlannedApplication {
  readonly key: string;
  readonly name: string;
  /** Ids of its espaces in the destination. */
  readonly espaceIds: readonly number[];
}

export interface TableName {
  /** Database of the same instance, for another DBCATALOG; null: the environment's own. */
  readonly database: string | null;
  readonly schema: string;
  readonly table: string;
}

export type NodeKind =
  | 'entity'
  | 'staticEntity'
  | 'tenant'
  | 'user'
  | 'group'
  | 'role'
  | 'espace'
  | 'processDefinition'
  | 'processInputDefinition'
  | 'processOutputDefinition'
  | 'activityDefinition'
  | 'activityOutputDefinition'
  | 'processStatus'
  | 'activityStatus'
  | 'process'
  | 'processInput'
  | 'processOutput'
  | 'activity'
  | 'activityOutput';

/**
 * matched: the destination has the record already; the map says which. preserved: the source's key is used as it is.
 * reserved: new keys from a block reserved in the destination. generated: the destination's identity makes them.
 * unavailable: nothing of it is mapped; every reference to it is unmapped.
 */
export type KeyOrigin = 'matched' | 'preserved' | 'reserved' | 'generated' | 'unavailable';

/** An identifier space: (source environment, espace SS_Key, entity SS_Key, key attribute SS_Key). */
export interface PlannedNode {
  readonly node: number;
  readonly kind: NodeKind;
  readonly espace: string;
  readonly entity: string;
  /** For platform tables without metamodel rows: 'platform' and the table's name. */
  readonly espaceKey: string;
  readonly entityKey: string;
  readonly keyAttributeKey: string;
  readonly keyKind: 'integer' | 'text';
  readonly origin: KeyOrigin;
  readonly source: PhysicalKey | null;
  readonly destination: PhysicalKey | null;
  /**
   * Matched entities outside the scope (producers: matchOnly): the columns whose values identify a row on both sides.
   * Platform nodes have rules of their own (users by the request, groups by name and tenant, roles by SS_Key …).
   */
  readonly match?: { readonly source: readonly string[]; readonly destination: readonly string[] };
}

export interface PhysicalKey {
  readonly table: TableName;
  readonly column: string;
  readonly type: ColumnType;
  readonly identity: boolean;
}

/** A column's type as sys.columns has it. */
export interface ColumnType {
  /** System type name: bigint, nvarchar, datetime, image … */
  readonly name: string;
  /** Characters for n(var)char, bytes for others, -1 for max; null where the type has no length. */
  readonly length: number | null;
  readonly precision: number | null;
  readonly scale: number | null;
  readonly collation: string | null;
  readonly nullable: boolean;
}

export interface PlannedEntity {
  readonly node: number;
  readonly stage: 'migrateEntities' | 'migrateProcesses';
  readonly sourceTable: TableName;
  readonly destinationTable: TableName;
  /** Columns to carry, the key column first. */
  readonly columns: readonly PlannedColumn[];
  readonly data: 'deleteFirst' | 'keep';
  /** Names of destination columns that identify a row, for data: keep. */
  readonly match: readonly string[];
  readonly onMatch: 'insert' | 'update' | 'skip';
  /** The operator's condition on the source table. */
  readonly where: string | null;
  /** tenants: exclude leaves rows of tenants without image behind: only rows of these source tenants move. */
  readonly tenantFilter?: { readonly column: string; readonly sourceIds: readonly number[] };
  /** Process tables: how a row finds its process, for the process filter. */
  readonly processPath: 'own' | 'PROCESS_ID' | 'ACTIVITY_ID' | null;
  /** Source rows at or below the mark are moved; marks are taken children first, so that parents are complete. */
  readonly highWater: string | null;
  /** Highest keys of all key ranges but the last: the ranges of a large entity move side by side. */
  readonly splitAt: readonly string[];
  readonly rows: number;
  /** True if an enabled trigger stands on the destination table: OUTPUT must go INTO a table (error 334). */
  readonly hasTriggers: boolean;
}

export interface PlannedColumn {
  readonly attribute: string;
  /** Null: the destination has it, the source does not; its default is left to the database. */
  readonly source: { readonly column: string; readonly type: ColumnType } | null;
  readonly destination: { readonly column: string; readonly type: ColumnType };
  readonly treatment: ColumnTreatment;
}

export type ColumnTreatment =
  /** follows: the key is itself a reference (UserExtended): the row's new key is the image of its key in that node. */
  | { readonly kind: 'key'; readonly follows?: FollowedKey }
  | { readonly kind: 'copy' }
  /** The tenant column of a multi-tenant table; not null there. */
  | {
      readonly kind: 'reference';
      readonly node: number;
      readonly unmapped: 'fail' | 'setNull' | 'quarantine';
      readonly orphans: 'fail' | 'setNull' | 'quarantine';
      /** True if the source enforces the reference by a trusted foreign key: orphans cannot exist. */
      readonly enforcedInSource: boolean;
      readonly enforcedInDestination: boolean;
      /** Inserted as NULL, resolved after the referenced rows exist. */
      readonly deferred: boolean;
    }
  /** INPUT_VALUE / OUTPUT_VALUE: an identifier if the type column names an entity; types in PlannedProcesses. */
  | { readonly kind: 'typedValue'; readonly typeColumn: string }
  /** A value that replaces the source's (run state of activities: facts trap 70). */
  | { readonly kind: 'constant'; readonly value: 'null' | 'nullDate' | 'zero' | 'empty' }
  /** NEXT_RUN of activities under policy hold (null date) or shift (later by the time since the plan). */
  | { readonly kind: 'nextRun'; readonly policy: 'hold' | 'shift' | 'keep' };

/** A key cannot be NULL, so a row whose key has no image fails the entity or is set aside. */
export interface FollowedKey {
  readonly node: number;
  readonly unmapped: 'fail' | 'quarantine';
  readonly orphans: 'fail' | 'quarantine';
  readonly enforcedInSource: boolean;
}

export interface PlannedItem {
  readonly id: number;
  readonly name: string;
  readonly stage: 'migrateEntities' | 'migrateProcesses';
  /** Indexes into entities. */
  readonly entities: readonly number[];
  readonly dependsOn: readonly number[];
}

export interface PlannedDeletion {
  readonly name: string;
  readonly table: TableName;
  readonly keyColumn: string;
  /** The node whose map rows die with the rows; null for a table outside the graph. */
  readonly node: number | null;
  readonly rows: number;
  /**
   * all, or rows of mapped tenants only, or process instances of the given definitions (destination ids), or, for
   * consumers outside the scope, the rows in which one of the columns is not NULL: what they refer to goes.
   */
  readonly filter:
    | { readonly kind: 'all' }
    | { readonly kind: 'referring'; readonly columns: readonly string[] }
    | { readonly kind: 'tenants'; readonly column: string; readonly ids: readonly number[] }
    | {
        readonly kind: 'processes';
        readonly path: 'own' | 'PROCESS_ID' | 'ACTIVITY_ID';
        readonly definitionIds: readonly number[];
      };
  readonly keepKeys: readonly string[];
  /** Nullable columns set to NULL first, because they refer to rows of the same component. */
  readonly clearFirst: readonly string[];
  readonly outsideScope: boolean;
}

export interface PlannedEventTable {
  readonly name: string;
  /** The entity whose rows raise the events; null for entities outside the graph (OSEVT_ROLE …). */
  readonly node: number | null;
  readonly source: TableName | null;
  readonly destination: TableName;
  /** True: source rows of activities are translated; false: destination rows only. */
  readonly translateActivityRows: boolean;
  /**
   * True: no row of the entity is written, so its trigger is not silenced. Only subscriptions of activities that the load
   * deletes are taken away; all others stay in place, for applications outside of the refresh go on using them.
   */
  readonly outsideScope: boolean;
  readonly columns: readonly PlannedEventColumn[];
  /** Filter columns that the destination lacks: a subscription that sets one would mean more there than it does here. */
  readonly onlyInSource?: readonly { readonly column: string; readonly type: ColumnType }[];
}

export interface PlannedEventColumn {
  readonly source: string | null;
  readonly destination: string;
  readonly type: ColumnType;
  readonly kind: 'espace' | 'tenant' | 'activity' | 'processDefinition' | 'flag' | 'key' | 'reference' | 'other';
  /** Identifier space of the column's value; null for flags. */
  readonly node: number | null;
}

export interface PlannedProcesses {
  /** Source ids of the definitions whose instances move when at the top of a tree. */
  readonly topDefinitionIds: readonly number[];
  /** Source status ids of top processes to move; null: all. */
  readonly topStatusIds: readonly number[] | null;
  /** Source ids of the tenants whose trees move; null: all (a plan that excludes none). */
  readonly topTenantIds?: readonly number[] | null;
  /** Source ids without an image in the destination: any tree that holds one stays behind whole. */
  readonly missingProcessDefinitionIds: readonly number[];
  readonly missingActivityDefinitionIds: readonly number[];
  /** SS_TYPE texts that name an entity, with the node whose map translates the value. */
  readonly valueTypes: readonly { readonly ssType: string; readonly node: number }[];
  readonly trees: number;
  readonly treesLeftBehind: number;
}

/** Forecast of what mapUsers will do; the stage itself matches in the destination. */
export interface PlannedUsers {
  readonly mode: 'createMissing' | 'update' | 'recreate' | 'matchOnly';
  /** Source users that must have an image: those referred to by rows that move, or all of the mapped tenants. */
  readonly needed: number;
  readonly matched: number;
  /** Among the matched: those that `users.map` pairs. */
  readonly byMap: number;
  readonly created: number;
  /** Neither matched nor created: their references are unmapped, or go to the fallback user. */
  readonly unmatched: number;
  /** Source users that more than one destination user matches, and the reverse. */
  readonly ambiguous: number;
  /** Destination id of the fallback user; null without one. */
  readonly fallbackId: number | null;
  /** What `users.map` said when the plan was made: source id and destination id. It goes before every other match. */
  readonly pairs: readonly (readonly [source: number, destination: number])[];
  /** Source ids that stand for a user whom another one stands for too: their one-to-one extensions are set aside (trap 64). */
  readonly doubles: readonly number[];
  /** Destination ids for which several lines of `users.map` stand: like the fallback user they gather nothing. */
  readonly shared: readonly number[];
  /** Mode recreate: where a row may refer to a user of the destination; a user that one refers to is not deleted. */
  readonly references: readonly PlannedUserReference[];
}

/** A column of the destination that holds ids of users. */
export interface PlannedUserReference {
  /** Espace.Entity.COLUMN, or the table's name where no entity owns it. */
  readonly name: string;
  readonly table: TableName;
  readonly column: string;
  /** Values of processes are ids of users where the type column says so. */
  readonly typed: { readonly column: string; readonly ssType: string } | null;
}

export interface PlannedQueues {
  /** Destination ids: queue rows of these are waited for and, at the end, removed if the load caused them. */
  readonly espaceIds: readonly number[];
  readonly processDefinitionIds: readonly number[];
  /** False: the login may not delete from the queues, so events that the load causes stay in them. */
  readonly mayRemove: boolean;
  /** Which queue tables the destination has. */
  readonly tables: readonly ('OSSYS_BPM_EVENT' | 'OSSYS_BPM_EVENT_QUEUE')[];
}

export interface Finding {
  /** Stable catalogue code. */
  readonly code: string;
  readonly severity: 'info' | 'warning' | 'blocking';
  readonly subject: string;
  readonly message: string;
  readonly remedy: string;
}
