/**
 * The numeric identifiers of one environment. Things published get theirs in an order of the environment's own, so
 * the same object has other ids on the two sides while the ranges overlap: a mix-up finds a row, the wrong one.
 */
import type { EnvironmentName, Path } from '../model.js';
import { hashText, mix, Random } from '../random.js';

export type IdentifierKind =
  | 'application'
  | 'espace'
  | 'extension'
  | 'module'
  | 'solution'
  | 'entity'
  | 'attribute'
  | 'record'
  | 'staticRow'
  | 'tenant'
  | 'user'
  | 'group'
  | 'role'
  | 'processDefinition'
  | 'parameterDefinition'
  | 'activityDefinition'
  | 'timer';

export class Identifiers {
  private readonly assigned = new Map<string, number>();
  private readonly rowBases = new Map<Path, bigint>();

  constructor(
    private readonly environment: EnvironmentName,
    private readonly seed: number,
  ) {}

  /** Gives every name of a kind its identifier, in shuffled order. `group` sets a numbering of its own within the kind. */
  assign(kind: IdentifierKind, names: readonly string[], group = ''): void {
    const own = mix(this.seed, hashText(`${this.environment} ${kind} ${group}`));
    const first = this.base(`${kind} ${group}`, 150, 30);
    new Random(own).shuffle(names).forEach((name, at) => this.assigned.set(`${kind} ${group} ${name}`, first + at));
  }

  id(kind: IdentifierKind, name: string | number, group = ''): number {
    const found = this.assigned.get(`${kind} ${group} ${name}`);
    if (found === undefined) throw new Error(`No ${kind} ${name} in ${this.environment}.`);
    return found;
  }

  /** Identity value of the n-th row of an entity. */
  row(entity: Path, ordinal: number, first?: bigint): bigint {
    let base = this.rowBases.get(entity);
    if (base === undefined) {
      base = first ?? BigInt(this.base(`rows of ${entity}`, 2_000, 900));
      this.rowBases.set(entity, base);
    }
    return base + BigInt(ordinal);
  }

  /** Production's BPT tables were reseeded below zero: ids run from negative to positive, leaving out 0. */
  process(ordinal: number): number {
    return this.aroundZero(ordinal, this.environment === 'production' ? -25 : 11_266);
  }

  activity(ordinal: number): number {
    return this.aroundZero(ordinal, this.environment === 'production' ? -90 : 213_828);
  }

  private aroundZero(ordinal: number, first: number): number {
    const id = first + ordinal;
    return first < 0 && id >= 0 ? id + 1 : id;
  }

  /** qa starts a little above production, always within reach of production's range. */
  private base(name: string, spread: number, distance: number): number {
    const common = 1 + (mix(this.seed, hashText(name)) % spread);
    return this.environment === 'production'
      ? common
      : common + 1 + (mix(this.seed, hashText(`qa ${name}`)) % distance);
  }
}
