/** What deleting the destination's rows runs into, by the rules of docs/request.md and docs/errors.md: rows that hold on to rows that go. */
import type { OracleReading, OracleReference, OracleRow, OracleValue } from '../../../sandbox/factories/oracle.js';
import { stayingInstances } from './checkProcesses.js';
import { stayingRows } from './checkRows.js';
import type { Images } from './images.js';

const processInstance = 'ServiceCenter.Process';

/** A reference attribute of the destination, with the rows that it is set in. */
interface Holder {
  readonly path: string;
  /** 'Module.Entity.COLUMN', as findings name it. */
  readonly name: string;
  readonly to: string;
  readonly enforced: boolean;
  readonly rows: readonly { readonly marker: string; readonly value: OracleReference }[];
}

export class Deletions {
  private readonly holders: readonly Holder[];
  private readonly staying = new Map<string, ReadonlySet<string>>();
  private readonly stayingProcesses: ReadonlySet<string>;

  constructor(
    private readonly images: Images,
    private readonly before: OracleReading,
  ) {
    this.holders = this.findHolders();
    this.stayingProcesses = new Set(stayingInstances(images, before).processes.map(([label]) => label));
  }

  /** Findings that the plan must have, and no others of their codes: 'CODE subject'. */
  findings(): Set<string> {
    const { scope } = this.images;
    const found = new Set<string>();
    const dragged = new Map<string, Set<string>>();
    for (const holder of this.holders) {
      const { path, name, to, enforced, rows } = holder;
      const loses = rows.filter(({ value }) => this.goes(value));
      if (!enforced) {
        const dangles = to === processInstance ? loses : rows;
        if (!this.isEmptied(path) && this.isEmptied(to) && dangles.length > 0)
          found.add(`DELETION_LEAVES_DANGLING ${name}`);
      } else if (scope.moved.has(path)) {
        if (loses.some(({ marker }) => this.stays(path, marker))) found.add(`DELETION_REFUSED_BY_KEPT ${name}`);
      } else if (loses.length > 0) {
        if (!this.goesWhole(to)) found.add(`DELETION_CHAIN ${name}`);
        else dragged.set(path, new Set([...(dragged.get(path) ?? []), ...loses.map(({ marker }) => marker)]));
      }
    }
    for (const [path, markers] of dragged) {
      found.add(`DELETION_OUTSIDE_SCOPE ${path}`);
      const holds = this.holders.some(
        (each) =>
          each.enforced &&
          each.to === path &&
          each.rows.some(({ marker, value }) => markers.has(value.marker ?? '') && this.stays(each.path, marker)),
      );
      if (holds) found.add(`DELETION_CHAIN ${path}`);
    }
    for (const path of scope.moved)
      if (this.isEmptied(path) && this.keepsTenants(path)) found.add(`DELETION_KEEPS_TENANTS ${path}`);
    if (this.tearsTrees()) found.add('DELETION_TEARS_TREES processes');
    return found;
  }

  /** Rows of the destination are deleted, if not all of them. */
  isEmptied(path: string): boolean {
    const { scope } = this.images;
    if (path === processInstance)
      return scope.options.processes.migrate && scope.options.destinationData === 'deleteFirst';
    return scope.moved.has(path) && scope.dataOf(path) === 'deleteFirst';
  }

  /** The request names no rows of it that stay, nor are there tenants that it leaves alone. */
  goesWhole(path: string): boolean {
    const { scope } = this.images;
    const spares = [...(this.before.entities.get(path)?.keys() ?? [])].some((marker) => scope.survives(path, marker));
    return path !== processInstance && this.isEmptied(path) && !spares && !this.keepsTenants(path);
  }

  /** A row that stays has an identifier of it, or of rows whose keys follow its own, and no constraint guards it. */
  isStillNamed(path: string): boolean {
    const named = new Set(this.followers(path));
    const instances = stayingInstances(this.images, this.before);
    return (
      this.holders.some(
        (each) => !each.enforced && named.has(each.to) && each.rows.some(({ marker }) => this.stays(each.path, marker)),
      ) ||
      [...instances.processes, ...instances.activities].some(([, row]) =>
        Object.values(row).some((value) => isReference(value) && named.has(value.to)),
      )
    );
  }

  /** An entity, and those whose key is the key of one of its rows, directly or through others. */
  private followers(path: string): string[] {
    const { scope } = this.images;
    const own = scope.destination.entities.filter(({ path: other, item }) => {
      const key = item.attributes.find((each) => each.active && each.name === item.primaryKey);
      return other !== path && item.active && key?.type.kind === 'reference' && key.type.to === path;
    });
    return [path, ...own.flatMap((each) => this.followers(each.path))];
  }

  private goes({ to, marker }: OracleReference): boolean {
    return marker !== undefined && this.isEmptied(to) && !this.stays(to, marker);
  }

  private stays(path: string, marker: string): boolean {
    if (!this.isEmptied(path)) return true;
    if (path === processInstance) return this.stayingProcesses.has(marker);
    let markers = this.staying.get(path);
    if (markers === undefined) {
      markers = new Set(stayingRows(this.images, path, this.before).map(([each]) => each));
      this.staying.set(path, markers);
    }
    return markers.has(marker);
  }

  private keepsTenants(path: string): boolean {
    const { scope, production } = this.images;
    const { tenants } = this.before.directory;
    return (
      path !== processInstance &&
      scope.destination.entity(path).item.multiTenant &&
      tenants.some((each) => !production.directory.tenants.includes(each))
    );
  }

  /** A tree of the destination has instances of modules in the scope and of others. */
  private tearsTrees(): boolean {
    const { scope } = this.images;
    return (
      this.isEmptied(processInstance) &&
      [...this.before.processes].some(([label, row]) => {
        const own = scope.moduleOfDefinition(String(row['PROCESS_DEF_ID']));
        return scope.modules.has(own) !== scope.modules.has(scope.moduleOfTree(this.before, label));
      })
    );
  }

  private findHolders(): Holder[] {
    return this.images.scope.destination.entities
      .filter(({ item }) => item.active && item.systemTable === undefined)
      .flatMap(({ path, item }) =>
        item.attributes.flatMap((attribute): Holder[] => {
          if (!attribute.active || attribute.type.kind !== 'reference') return [];
          const rows = [...(this.before.entities.get(path) ?? new Map<string, OracleRow>())].flatMap(
            ([marker, row]) => {
              const value = row[attribute.name];
              return isReference(value) ? [{ marker, value }] : [];
            },
          );
          const name = `${path}.${attribute.name.toUpperCase()}`;
          return [{ path, name, to: attribute.type.to, enforced: attribute.deleteRule !== 'Ignore', rows }];
        }),
      );
  }
}

function isReference(value: OracleValue | undefined): value is OracleReference {
  return value !== null && typeof value === 'object';
}
