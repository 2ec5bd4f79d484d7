import type { Factory } from '../factory/factory.js';
import type { ValueReference } from '../plan/scope.js';

/** What is known of one environment when the plan is made: counts and ids, never row values. */
export interface SourceFacts {
  readonly name: string;
  readonly identity: DatabaseIdentity;
  readonly factory: Factory;
  /** Types of process values, by the definition at the top of their tree. */
  readonly values: readonly ValueReference[];
  readonly survey: SourceSurvey;
}

export interface DestinationFacts {
  readonly name: string;
  readonly identity: DatabaseIdentity;
  readonly factory: Factory;
  readonly values: readonly ValueReference[];
  readonly survey: DestinationSurvey;
}

export interface DatabaseIdentity {
  /** @@SERVERNAME */
  readonly server: string;
  /** DB_NAME() */
  readonly database: string;
  readonly collation: string;
}

export interface SourceSurvey {
  /** By name (Espace.Entity). */
  readonly entities: Readonly<Record<string, EntityCount>>;
  /** By Espace.Entity.Attribute; absent where nothing had to be asked. */
  readonly columns: Readonly<Record<string, ColumnFacts>>;
  readonly processes: ProcessFacts | null;
  readonly users: UserFacts;
  readonly groups: GroupFacts;
  readonly userMap: UserMapFacts;
  /** By Espace.Entity.Index, of unique indexes of the destination; absent where nothing stands in the way. */
  readonly unique: Readonly<Record<string, UniqueFacts>>;
  /** Groups of rows that move and are equal in what they are matched by, by Espace.Entity; absent where there are none. */
  readonly alikeInMatch: Readonly<Record<string, number>>;
  /**
   * Subscriptions of activities that move to events of users and of entities outside of the scope, by tableKey() of the
   * event table; null: the login may not read it.
   */
  readonly waiting: Readonly<Record<string, WaitingCount | null>>;
}

export interface WaitingCount {
  readonly rows: number;
  /** Those of them that wait for one record, not for any. */
  readonly forOneRecord: number;
}

export interface UniqueFacts {
  /** Groups of rows that the destination takes as equal. */
  readonly alike: number;
  /** Rows alike to one that stays; null: it cannot be told before writing. */
  readonly stays: number | null;
  /** True if the index is over an identifier of its own alone. */
  readonly ofKey: boolean;
}

export interface EntityCount {
  /** Rows that will move: at or below the mark, under the operator's condition. */
  readonly rows: number;
  /** Lowest and highest key when the plan was made; null for text keys and empty tables. */
  readonly lowest: string | null;
  readonly highest: string | null;
}

export interface ColumnFacts {
  /** Values that the destination's type does not hold. */
  readonly tooLong?: number;
  readonly nulls?: number;
  /** References to rows that do not exist in the source either. */
  readonly orphans?: number;
  /** References that hold 0 or '' although a row has that identifier: are they empty or do they mean it? (trap 21) */
  readonly ambiguous?: number;
  /** References to rows that exist and do not move: nothing of their node does (`all`), or the request leaves them out. */
  readonly leftOut?: readonly { readonly node: number; readonly rows: number; readonly all: boolean }[];
  /** References to static records without counterpart: record names of the model with their counts. */
  readonly missingStatics?: readonly { readonly name: string; readonly rows: number }[];
  /** Tenant columns: source tenant ids with their rows. */
  readonly tenants?: readonly { readonly id: number; readonly rows: number }[];
}

export interface ProcessFacts {
  /** Top processes of the definitions and statuses that move. */
  readonly trees: number;
  /** Those of them that stay behind because a definition is missing. */
  readonly treesLeftBehind: number;
  /** Source ids of definitions that have instances at all. */
  readonly usedDefinitionIds: readonly number[];
  readonly usedActivityDefinitionIds: readonly number[];
}

/** How the users that rows refer to will be matched; the stage itself matches in the destination. */
export interface UserFacts {
  readonly needed: number;
  readonly matched: number;
  readonly unmatched: number;
  readonly ambiguous: number;
  /** Among the unmatched: users of tenants that the destination lacks. */
  readonly withoutTenant: number;
  /** Among the matched: those that `users.map` pairs. */
  readonly byMap: number;
  /** Among the unmatched: those whose login is taken in their tenant by somebody who is not matched with them. */
  readonly namesakes: number;
  /** Source ids whose image is that of a better user too, or of several lines of `users.map`; by id. */
  readonly doubles: readonly number[];
}

/** The groups that instances of processes name. */
export interface GroupFacts {
  readonly needed: number;
  readonly matched: number;
  /** Needed groups of tenants that the destination lacks. */
  readonly withoutTenant: number;
}

/** What the file of `users.map` says, as ids: no name leaves the survey. */
export interface UserMapFacts {
  /** Source id and destination id, by source id; a source id stands once. */
  readonly pairs: readonly (readonly [source: number, destination: number])[];
  /** Destination ids that several lines name. */
  readonly shared: readonly number[];
  readonly problems: readonly UserMapProblem[];
}

export interface UserMapProblem {
  readonly code:
    'USERS_MAP_UNREADABLE' | 'USERS_MAP_INVALID' | 'USERS_MAP_USER_UNKNOWN' | 'USERS_MAP_AMBIGUOUS' | 'USERS_MAP_TWICE';
  /** Null where the file as a whole is meant. */
  readonly line: number | null;
  readonly message: string;
}

export interface DestinationSurvey {
  /** By name (Espace.Entity). */
  readonly entities: Readonly<Record<string, DestinationCount>>;
  /** Rows that stay and in which an inbound column is set, by inboundKey(). */
  readonly inbound: Readonly<Record<string, number>>;
  /** Rows in which at least one of a table's inbound columns is set, by tableKey(). */
  readonly referring: Readonly<Record<string, number>>;
  /** Rows that refer to a table outside the scope from which rows are deleted, by tableKey() of that table. */
  readonly chained: Readonly<
    Record<string, readonly { readonly name: string; readonly column: string; readonly rows: number }[]>
  >;
  readonly rights: DestinationRights;
  /** Subscriptions in the event tables of what is written, by tableKey(); null: the login may not read them. */
  readonly subscriptions: Readonly<Record<string, SubscriptionCount | null>>;
  /**
   * Subscriptions of activities that are deleted to events of entities outside of the scope, by tableKey() of the event
   * table; null: the login may not read it.
   */
  readonly leaving: Readonly<Record<string, number | null>>;
  /** Tables that may refer to rows which are deleted, but that the login may not read. */
  readonly unreadable: readonly string[];
  /** Rows kept by keepRows that an enforced reference ties to rows that are deleted. */
  readonly keptReferring: readonly {
    readonly name: string;
    readonly column: string;
    readonly target: string;
    readonly rows: number;
  }[];
  readonly queues: readonly { readonly table: 'OSSYS_BPM_EVENT' | 'OSSYS_BPM_EVENT_QUEUE'; readonly rows: number }[];
  /** Process instances that deleting would part from the rest of their tree. */
  readonly tornInstances: number;
  readonly overdueTimers: readonly { readonly espaceId: number; readonly name: string }[];
  /** Destination id of users.fallback; null without one, or when it does not exist. */
  readonly fallbackUserId: number | null;
  /** Null unless users.mode is recreate. */
  readonly recreated: RecreatedUserFacts | null;
}

/** Users of the destination that would be deleted and made anew. */
export interface RecreatedUserFacts {
  readonly users: number;
  /** What survives the deletion and refers to one of them. */
  readonly references: readonly UserReferenceFacts[];
  /** Tables that may refer to them, but that the login may not read. */
  readonly unreadable: readonly string[];
}

export interface UserReferenceFacts {
  /** Espace.Entity.COLUMN */
  readonly name: string;
  readonly rows: number;
  /** A few integer keys of these rows, and a few ids of the users. */
  readonly keys: readonly string[];
  readonly userIds: readonly number[];
}

export interface DestinationCount {
  /** Rows that are there, or of process tables those of the definitions in scope. */
  readonly rows: number;
  readonly total: number;
  readonly highest: string | null;
  /** IDENT_CURRENT; null without identity. */
  readonly identity: string | null;
}

/** Subscriptions that an INSERT, and those that an UPDATE, of one row raises one event for. */
export interface SubscriptionCount {
  readonly inserts: number;
  readonly updates: number;
}

export interface DestinationRights {
  readonly createTable: boolean;
  readonly createSchema: boolean;
  readonly schemaExists: boolean;
  /** By tableKey(); tables that the login cannot see are absent. */
  readonly tables: Readonly<Record<string, TableRights>>;
}

export interface TableRights {
  readonly select: boolean;
  readonly insert: boolean;
  readonly update: boolean;
  readonly delete: boolean;
  readonly alter: boolean;
}
