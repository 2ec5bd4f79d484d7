import { readByMarkers, type OracleReading } from '../../sandbox/factories/oracle.js';
import { expectedImage, imageOf, scopeOfApplication, type Image, type MovedScope } from './expectedImage.js';
import type { PreparedEnvironments } from './preparedEnvironments.js';

/** What the refresh of an application must leave in the destination, told from what both sides held before. */
export interface Foreseen {
  readonly scope: MovedScope;
  readonly expected: Image;
  /** The destination as it was. */
  readonly before: OracleReading;
  /** What the destination holds now, to be compared with `expected`. */
  found(): Promise<Image>;
}

export async function foresee(
  { factories: { model }, production, qa }: Pick<PreparedEnvironments, 'factories' | 'production' | 'qa'>,
  application: string,
): Promise<Foreseen> {
  const scope = scopeOfApplication(model, application);
  const before = await readByMarkers(qa, model);
  return {
    scope,
    expected: expectedImage(model, scope, await readByMarkers(production, model), before),
    before,
    found: async () => imageOf(await readByMarkers(qa, model), scope),
  };
}
