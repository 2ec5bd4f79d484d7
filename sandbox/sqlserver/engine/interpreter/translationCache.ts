import type { SqlType } from '../api.js';
import type { CatalogTable } from '../catalog/model.js';
import type { RecordedLookup, TableName } from '../catalog/catalogReader.js';

/** A variable whose type a translation asked for. */
export interface RecordedVariable {
  readonly name: string;
  readonly type: SqlType | undefined;
}

interface CachedTranslation<Result> {
  readonly result: Result;
  readonly lookups: readonly RecordedLookup[];
  readonly variables: readonly RecordedVariable[];
}

const variantsKept = 4;

/**
 * Keeps translations by syntax node: parses are shared by text, so the same text gives the same node. A translation
 * holds as long as every name it looked up still means the very same table, its variables have the same types and its
 * session settings are the same; so it is right under uncommitted DDL, in scopes with their own #temp tables, and in
 * several databases.
 */
export class TranslationCache {
  private readonly translations = new WeakMap<object, Map<string, CachedTranslation<unknown>[]>>();

  get<Result>(
    node: object,
    settingsKey: string,
    find: (name: TableName) => CatalogTable | undefined,
    typeOf: (variable: string) => SqlType | undefined,
    translate: () => CachedTranslation<Result>,
  ): Result {
    let bySettings = this.translations.get(node);
    if (bySettings === undefined) this.translations.set(node, (bySettings = new Map()));
    let variants = bySettings.get(settingsKey);
    if (variants === undefined) bySettings.set(settingsKey, (variants = []));
    for (const variant of variants) {
      const holds =
        variant.lookups.every((lookup) => find(lookup.name) === lookup.answer) &&
        variant.variables.every((variable) => isSame(typeOf(variable.name), variable.type));
      if (holds) return variant.result as Result;
    }
    const made = translate();
    variants.unshift(made);
    if (variants.length > variantsKept) variants.pop();
    return made.result;
  }
}

function isSame(a: SqlType | undefined, b: SqlType | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  return (
    a.name === b.name &&
    a.length === b.length &&
    a.precision === b.precision &&
    a.scale === b.scale &&
    a.collation === b.collation
  );
}
