/** What stands for what in the destination: a fixed point over all rows that a request moves. */
import type { OracleReading, OracleReference, OracleRow, OracleValue } from '../../../sandbox/factories/oracle.js';
import type { Policy } from '../randomRequest.js';
import { whereCondition } from '../randomRequest.js';
import type { OracleScope } from './scope.js';
import { UserImages } from './userImages.js';
import type { UserMap } from './userMap.js';

/** A reference without image under the policy fail: a reason for the plan to refuse. */
export interface Refusal {
  readonly kind: 'orphan' | 'unmapped' | 'tenant';
  readonly place: string;
}

/** Columns of process tables that hold users. */
export const people = ['CREATED_BY', 'LAST_MODIFIED_BY', 'SUSPENDED_BY', 'USER_ID'];

/** 'out': the row stays behind. */
type Carried = { readonly value: OracleValue } | 'out';

export class Images {
  readonly refusals: Refusal[] = [];
  /** Rows of production that move, by entity. */
  readonly rows = new Map<string, Set<string>>();
  /** Labels of process instances that move. */
  readonly processes: ReadonlySet<string>;
  /** Rows that the request selects, before any is set aside. */
  private readonly selected = new Map<string, ReadonlySet<string>>();
  /** Users that need an image. */
  readonly chosen: ReadonlySet<string>;
  readonly users: UserImages;

  constructor(
    readonly scope: OracleScope,
    readonly production: OracleReading,
    readonly before: OracleReading,
    readonly after: OracleReading | null,
    readonly userMap: UserMap,
  ) {
    this.processes = this.movedProcesses();
    for (const path of scope.moved) {
      const { where } = scope.optionsOf(path);
      const all = [...(production.entities.get(path) ?? [])].filter(
        ([marker]) => where !== whereCondition || !marker.endsWith('1'),
      );
      const kept = all.filter(([, row]) => this.tenantMoves(path, row));
      this.rows.set(path, new Set(kept.map(([marker]) => marker)));
      this.selected.set(path, new Set(kept.map(([marker]) => marker)));
    }
    this.chosen = this.chosenUsers();
    this.users = new UserImages(scope.options.users, userMap, production, before, this.chosen);
    for (const path of scope.moved) for (const marker of this.rows.get(path) ?? []) this.noteRefusals(path, marker);
    for (let changed = true; changed;) {
      changed = false;
      for (const path of scope.moved) {
        for (const marker of this.rows.get(path) ?? []) {
          if (!this.staysBehind(path, marker)) continue;
          this.rows.get(path)?.delete(marker);
          changed = true;
        }
      }
    }
  }

  /** The row as the destination should have it; attributes that the destination lacks are left out. */
  imageOf(path: string, marker: string): OracleRow {
    const row = this.production.entities.get(path)?.get(marker) ?? {};
    const image: Record<string, OracleValue> = {};
    for (const attribute of this.scope.carried(path)) {
      const value = row[attribute.name];
      if (value === undefined) continue;
      const carried = this.carry(path, attribute.name, value, marker);
      image[attribute.name] = carried === 'out' ? null : carried.value;
    }
    if (row['#tenant'] !== undefined) image['#tenant'] = row['#tenant'];
    return image;
  }

  /** Marker of the destination's row for a reference of the source; null: none. */
  target(reference: OracleReference): string | null {
    const { to, marker } = reference;
    if (marker === undefined) return null;
    if (this.rows.has(to)) return this.rows.get(to)?.has(marker) === true ? marker : null;
    if (to === 'ServiceCenter.User') return this.user(marker);
    if (to === 'ServiceCenter.Process') return this.processes.has(marker) ? marker : null;
    const entity = this.scope.entity(to);
    if (entity.kind === 'staticEntity') {
      const there = this.scope.destination.entity(to).item.records;
      return there.some((each) => each.active && each.key.toLowerCase() === marker.toLowerCase()) ? marker : null;
    }
    if (this.scope.options.producers !== 'matchOnly' || this.scope.optionsOf(to).match.length === 0) return null;
    return this.before.entities.get(to)?.has(marker) === true ? marker : null;
  }

  /** Marker of a user's image after the refresh. */
  user(marker: string): string | null {
    return this.users.imageOf(marker);
  }

  group(marker: string): string | null {
    if (this.before.directory.groups.includes(marker)) return marker;
    const creates = this.scope.options.users.mode !== 'matchOnly';
    return creates && this.hasTenant(marker.slice(0, marker.indexOf('\\'))) ? marker : null;
  }

  /** By the tenant's name; the names of the random factories' tenants are unique. */
  hasTenant(name: string): boolean {
    return [...this.before.directory.tenants].some((each) => each.endsWith(`/${name}`));
  }

  hasTenantMarker(marker: OracleValue): boolean {
    return marker === null || this.before.directory.tenants.includes(String(marker));
  }

  /** A row that quarantine sets aside although its reference may be set later is in place when it was set later. */
  private staysBehind(path: string, marker: string): boolean {
    const row = this.production.entities.get(path)?.get(marker) ?? {};
    return this.scope.carried(path).some(({ name }) => {
      const value = row[name];
      return value !== undefined && this.carry(path, name, value, marker) === 'out';
    });
  }

  private carry(path: string, name: string, value: OracleValue, marker: string): Carried {
    if (value === null || typeof value === 'string') return { value };
    const image = this.target(value);
    const isKey = this.scope.entity(path).primaryKey === name;
    // The fallback user stands for many, but has only one extension: those of others stay behind.
    const ofOther = isKey && value.to === 'ServiceCenter.User' && !this.users.bringsExtension(value.marker ?? '');
    if (image !== null) return ofOther ? 'out' : { value: { to: value.to, marker: image } };
    if (isNullIdentifier(value)) return { value };
    const policy = this.policy(path, name, value);
    if (policy === 'fail' && !this.isSetAside(value)) return { value: null };
    if (isKey) return 'out';
    if (policy === 'setNull') return { value: null };
    const inPlace = this.after?.entities.get(path)?.has(marker) === true;
    return this.scope.mayBeSetLater(path, value.to) && inPlace ? { value: null } : 'out';
  }

  private policy(path: string, name: string, value: OracleReference): Policy {
    const { unmapped, orphans } = this.scope.policiesOf(path, name);
    if (this.isOrphan(value)) return orphans;
    const isKey = this.scope.entity(path).primaryKey === name;
    // A one-to-one extension of a user that does not move stays behind, whatever the request says of all references.
    const explicit = this.scope.optionsOf(path).attributes[name]?.unmapped !== undefined;
    const extension = isKey && value.to === 'ServiceCenter.User';
    return extension && !explicit ? 'quarantine' : unmapped;
  }

  /** Nothing of the identifier is in the source either: no row, or only the memory of a deleted static record. */
  isOrphan(value: OracleReference): boolean {
    if (value.marker === undefined) return true;
    const entity = this.scope.entity(value.to);
    return (
      entity.kind === 'staticEntity' &&
      !entity.records.some((each) => each.active && each.key.toLowerCase() === value.marker?.toLowerCase())
    );
  }

  /** Under the policy fail a row goes with the row that it refers to, where that was set aside. */
  private isSetAside({ to, marker }: OracleReference): boolean {
    return (
      marker !== undefined && this.selected.get(to)?.has(marker) === true && this.rows.get(to)?.has(marker) === false
    );
  }

  /**
   * Users whom selected rows refer to. A row whose key is a user's (or that of another such row) does not make its user
   * needed, for there is one for every user; what refers to that row does.
   */
  private chosenUsers(): Set<string> {
    const found = new Set<string>();
    const note = (value: OracleValue | undefined): void => {
      if (value === null || typeof value !== 'object') return;
      const user = this.userOf(value);
      if (user !== null) found.add(user);
    };
    if (this.scope.options.users.scope === 'all') return new Set(this.production.directory.users.keys());
    for (const [path, markers] of this.selected) {
      const { primaryKey } = this.scope.entity(path);
      const names = this.scope.carried(path).map((each) => each.name);
      for (const marker of markers) {
        const row = this.production.entities.get(path)?.get(marker) ?? {};
        for (const name of names) if (name !== primaryKey) note(row[name]);
      }
    }
    const instances = [
      ...[...this.production.processes].filter(([label]) => this.processes.has(label)).map(([, row]) => row),
      ...[...this.production.activities.values()].filter((row) => this.processes.has(String(row['PROCESS_ID']))),
    ];
    for (const row of instances) {
      for (const [name, value] of Object.entries(row)) {
        if (people.includes(name) && value !== null) found.add(String(value));
        note(value);
      }
    }
    // The filters of subscriptions name rows, whose keys may be those of users.
    for (const row of this.subscriptionsThatMove()) for (const value of Object.values(row)) note(value);
    return found;
  }

  /** Event subscriptions of activities that move, of whatever entity. */
  private subscriptionsThatMove(): OracleRow[] {
    return [...this.production.subscriptions.values()]
      .flat()
      .map((each) => JSON.parse(each) as OracleRow)
      .filter(({ activity }) => {
        const instance = this.production.activities.get(String(activity));
        return instance !== undefined && this.processes.has(String(instance['PROCESS_ID']));
      });
  }

  /** The user that an identifier is, directly or through keys; null for others. */
  private userOf({ to, marker }: OracleReference): string | null {
    if (marker === undefined) return null;
    if (to === 'ServiceCenter.User') return marker;
    if (!this.scope.moved.has(to)) return null;
    const key = this.production.entities.get(to)?.get(marker)?.[this.scope.entity(to).primaryKey];
    return key !== null && typeof key === 'object' ? this.userOf(key) : null;
  }

  private noteRefusals(path: string, marker: string): void {
    const row = this.production.entities.get(path)?.get(marker) ?? {};
    for (const { name } of this.scope.carried(path)) {
      const value = row[name];
      if (value == null || typeof value === 'string' || this.target(value) !== null || isNullIdentifier(value))
        continue;
      if (this.policy(path, name, value) === 'fail')
        this.refusals.push({ kind: this.isOrphan(value) ? 'orphan' : 'unmapped', place: `${path}.${name}` });
    }
  }

  private tenantMoves(path: string, row: OracleRow): boolean {
    const tenant = row['#tenant'];
    if (tenant === undefined || this.hasTenantMarker(tenant)) return true;
    if (this.scope.options.tenants !== 'exclude') this.refusals.push({ kind: 'tenant', place: path });
    return false;
  }

  private movedProcesses(): Set<string> {
    const { processes } = this.scope.options;
    const moved = new Set<string>();
    if (!processes.migrate) return moved;
    const torn = processes.inactiveDefinitions ? new Set<string>() : this.treesOfRemovedDefinitions();
    for (const [label, row] of this.production.processes) {
      const top = this.production.processes.get(String(row['TOP_PROCESS_ID']));
      if (torn.has(String(row['TOP_PROCESS_ID']))) continue;
      if (!this.scope.modules.has(this.scope.moduleOfTree(this.production, label))) continue;
      if (processes.statuses !== 'all' && !processes.statuses.includes(String(top?.['STATUS']))) continue;
      if (!this.hasTenantMarker(top?.['TENANT_ID'] ?? null)) {
        if (this.scope.options.tenants !== 'exclude') this.refusals.push({ kind: 'tenant', place: 'processes' });
        continue;
      }
      moved.add(label);
    }
    return moved;
  }

  /** Labels of top processes in whose trees something is an instance of a definition that is no longer published. */
  private treesOfRemovedDefinitions(): Set<string> {
    const { processes, activities } = this.production;
    const ofProcesses = [...processes.values()]
      .filter((row) => !this.scope.isPublished(String(row['PROCESS_DEF_ID'])))
      .map((row) => String(row['TOP_PROCESS_ID']));
    const ofActivities = [...activities.values()]
      .filter((row) => !this.scope.isPublished(String(row['ACTIVITY_DEF_ID'])))
      .map((row) => String(processes.get(String(row['PROCESS_ID']))?.['TOP_PROCESS_ID']));
    return new Set([...ofProcesses, ...ofActivities]);
  }
}

export function isNullIdentifier(value: OracleReference): boolean {
  return value.missing === '0' || value.missing === '';
}
