/** Numbers that the environments themselves give to rows: production's where nothing stands in the way, else new ones (docs/request.md, `keys`). */
import type { OracleReading } from '../../../sandbox/factories/oracle.js';
import type { RawTables } from '../rawTables.js';
import { isNumbered, stayingRows } from './checkRows.js';
import { Deletions } from './deletions.js';
import type { Images } from './images.js';

/** One look at an environment, with its physical tables by 'Module.Entity'. */
interface Stored {
  readonly raw: RawTables;
  readonly tables: Readonly<Record<string, string>>;
}

/** 'CODE subject' of the findings about keys: of rows that the environment numbers, and of rows beside which others stay. */
export function keyFindings(images: Images, before: OracleReading, deletions: Deletions): string[] {
  const { scope } = images;
  return [...scope.moved].flatMap((path) => {
    if (!isNumbered(scope, path)) {
      const stays = scope.dataOf(path) === 'keep' && (before.entities.get(path)?.size ?? 0) > 0;
      return stays && !scope.matches(path) ? [`KEY_CONFLICT ${path}`] : [];
    }
    const kept = mayBeProductions(images, deletions, path);
    return scope.options.keys === 'preserve' && !kept ? [`KEY_NOT_PRESERVABLE ${path}`] : [];
  });
}

/** Nothing of the destination's rows stays or is still named, and the login may insert keys. */
function mayBeProductions({ scope }: Images, deletions: Deletions, path: string): boolean {
  return scope.circumstances.people.login === 'owner' && deletions.goesWhole(path) && !deletions.isStillNamed(path);
}

/** Loaded rows have production's numbers, or such as no row of the destination has had. */
export function checkKeys(
  images: Images,
  before: OracleReading,
  looks: { readonly production: Stored; readonly before: Stored; readonly after: Stored },
): string[] {
  const { scope } = images;
  const deletions = new Deletions(images, before);
  return [...scope.moved].flatMap((path) => {
    if (!isNumbered(scope, path)) return [];
    const [there, was, is] = [looks.production, looks.before, looks.after].map((each) => numbersOf(each, path));
    const kept = scope.options.keys !== 'generate' && mayBeProductions(images, deletions, path);
    const staying = new Set(stayingRows(images, path, before).map(([marker]) => marker));
    const highest = Math.max(0, ...[...(was?.values() ?? [])].flat());
    return [...(images.rows.get(path) ?? [])].flatMap((marker) => {
      const own = staying.has(marker) ? (was?.get(marker) ?? []) : [];
      const loaded = (is?.get(marker) ?? []).filter((id) => !own.includes(id));
      const isRight = (id: number): boolean => (kept ? there?.get(marker)?.includes(id) === true : id > highest);
      return loaded
        .filter((id) => !isRight(id))
        .map((id) => `${path} ${marker} has the key ${id}, ${kept ? "which is not production's" : 'which is not new'}`);
    });
  });
}

/** Marker -> numbers of the rows that have it. */
function numbersOf({ raw, tables }: Stored, path: string): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const row of raw.get(tables[path] ?? '') ?? []) {
    const { ID, CODE, CODE_1 } = JSON.parse(row) as Record<string, unknown>;
    const marker = String(CODE ?? CODE_1);
    found.set(marker, [...(found.get(marker) ?? []), Number(ID)]);
  }
  return found;
}
