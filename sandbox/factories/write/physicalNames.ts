/** Physical names as the platform makes them: they differ between environments and are numbered when taken. */
import type { AttributeModel, EntityModel, EnvironmentName, Path } from '../model.js';
import type { ModelIndex, Owned } from '../modelIndex.js';
import { hashText, mix } from '../random.js';

const longestName = 30;

export interface PhysicalEntity {
  readonly table: string;
  readonly eventTable: string | null;
  readonly columns: ReadonlyMap<AttributeModel, string>;
}

/** The three characters of OSUSR_xxx_Name: made from the module, otherwise in each environment. */
function moduleHash(environment: EnvironmentName, moduleKey: string, seed: number): string {
  const alphabet = '0123456789abcdefghijklmnopqrstuvwxyz';
  let number = mix(seed, hashText(`${environment} ${moduleKey}`));
  let hash = '';
  for (let i = 0; i < 3; i++) {
    hash += alphabet[number % 36];
    number = Math.floor(number / 36);
  }
  return hash;
}

/** Takes a name, or the first numbered form of it that is free. */
function take(taken: Set<string>, name: string): string {
  for (let n = 0; ; n++) {
    const candidate = n === 0 ? name : `${name}${n}`;
    if (taken.has(candidate.toLowerCase())) continue;
    taken.add(candidate.toLowerCase());
    return candidate;
  }
}

export function physicalNames(index: ModelIndex, seed: number): ReadonlyMap<Owned<EntityModel>, PhysicalEntity> {
  const tables = new Set<string>();
  const names = new Map<Owned<EntityModel>, PhysicalEntity>();
  const hashes = new Map<Path, string>();
  const usedHashes = new Set<string>();
  for (const owner of index.entities) {
    const { item, module } = owner;
    let hash = hashes.get(module.name);
    if (hash === undefined) {
      hash = take(usedHashes, moduleHash(index.environment, module.key, seed));
      hashes.set(module.name, hash);
    }
    const table = item.systemTable ?? take(tables, `OSUSR_${hash}_${item.name.slice(0, longestName)}`);
    const eventTable = item.exposeProcessEvents
      ? item.systemTable
        ? item.systemTable.replace('OSSYS_', 'OSEVT_')
        : table.replace('OSUSR_', 'OSEVT_')
      : null;
    names.set(owner, { table, eventTable, columns: columnNames(owner, index.environment) });
  }
  return names;
}

/**
 * Columns are the attribute names in upper case; a deleted attribute keeps the plain name when it was there first.
 * In qa some attributes of what is published onwards were once deleted and made again, so their column is numbered.
 */
function columnNames(
  { item, module }: Owned<EntityModel>,
  environment: EnvironmentName,
): ReadonlyMap<AttributeModel, string> {
  const taken = new Set<string>();
  const columns = new Map<AttributeModel, string>();
  for (const attribute of [...item.attributes].sort((a, b) => Number(a.active) - Number(b.active))) {
    const plain = attribute.name.toUpperCase();
    const numbered =
      environment === 'qa' &&
      module.onlyIn === undefined &&
      !item.systemTable &&
      attribute.active &&
      attribute.name !== item.primaryKey &&
      hashText(`${module.name}.${item.name}.${attribute.name}`) % 12 === 0;
    columns.set(attribute, take(taken, numbered ? `${plain}_1` : plain));
  }
  return columns;
}
