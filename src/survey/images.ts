import type { Outline } from '../plan/outline.js';
import type { KeyOrigin } from '../plan/refreshPlan.js';
import type { DestinationSurvey, UserMapFacts } from './facts.js';
import type { SurveyedUsers } from './users.js';

/** The identifier in the destination; new: one that no row of it holds yet; unknown: only the run finds it. */
export type Image = { readonly id: string } | 'new' | 'unknown';

/** Where the identifiers of one node lead, as far as it is known before anything is written. */
export interface NodeImages {
  /** Identifiers that do not keep an image of their own: with the one they share it with, or null for none at all. */
  readonly replaced: ReadonlyMap<string, string | null>;
  image(identifier: string): Image;
}

/** Identifiers without an image of their own that a statement can name; with more of them nothing is known. */
const mostReplaced = 5_000;

/** What the images of users follow from. */
export interface UserImages {
  readonly pairs: SurveyedUsers['pairs'];
  readonly fallbackId: DestinationSurvey['fallbackUserId'];
  readonly shared: UserMapFacts['shared'];
}

/** What the images of all nodes follow from. */
export interface ImageContext {
  readonly outline: Outline;
  /** By node: whether a reference meets a row that stays depends on the key that it will hold. */
  readonly origins: ReadonlyMap<number, KeyOrigin>;
  readonly users: UserImages;
}

/**
 * The images of a node: tenants, static records and users by their matching, kept keys as they are, keys made by the run
 * as new ones. What else is matched (roles, definitions, rows that are kept and matched) only the run tells.
 */
export function imagesOf(context: ImageContext, number: number): NodeImages {
  const { outline, origins, users } = context;
  const node = outline.registry.nodes[number];
  if (node === undefined) return unknownImages;
  const followed = followedNode(outline, number);
  if (followed !== null) return imagesOfExtension(context, followed);
  switch (node.kind) {
    case 'tenant':
      return pairedImages([
        ...outline.tenants.images.map(({ source, destination }) => pair(source.id, destination.id)),
        ...outline.tenants.missing.map(({ id }) => pair(id, null)),
      ]);
    case 'user':
      return userImages(outline, users, users.fallbackId);
    case 'staticEntity':
      if (node.origin === 'matched') return staticImages(outline, number);
      break;
    default:
  }
  const entity = outline.entities.find((each) => each.node === number);
  if (entity === undefined || entity.match.length > 0) return unknownImages;
  return origins.get(number) === 'preserved' ? keptImages : newImages;
}

/**
 * The images of rows whose key is that of another row. The fallback user has one extension at most, so it stands for
 * nobody here; the extension of a user whom no row names is not written, so it meets none.
 */
export function imagesOfExtension(context: ImageContext, followed: number): NodeImages {
  const { outline, users } = context;
  if (outline.registry.nodes[followed]?.kind !== 'user') return imagesOf(context, followed);
  const own = users.pairs.map(([source, image]) => [source, image === users.fallbackId ? null : image] as const);
  const named = new Set(own.map(([source]) => String(source)));
  const images = userImages(outline, { ...users, pairs: own }, null);
  return { ...images, image: (identifier) => (named.has(identifier) ? images.image(identifier) : 'new') };
}

/** Mode recreate deletes matched users and makes them anew, so what they become is known only of those it spares. */
function userImages(outline: Outline, { pairs, shared }: UserImages, fallbackId: number | null): NodeImages {
  const recreates = outline.request.users.mode === 'recreate';
  const spared = new Set(shared);
  return pairedImages(
    pairs.map(([source, image]) => {
      if (typeof image === 'number' && recreates && !spared.has(image)) return [String(source), 'unknown'];
      return image === 'new' ? [String(source), 'new'] : pair(source, image ?? fallbackId);
    }),
  );
}

/** Text keys compare as the database compares them, so no Map holds them. */
function staticImages(outline: Outline, number: number): NodeImages {
  const match = outline.statics.get(number);
  if (match === undefined || outline.registry.nodes[number]?.keyKind !== 'integer') return unknownImages;
  const isInteger = (id: string): boolean => /^-?\d+$/.test(id);
  return pairedImages([
    ...match.pairs.filter((ids) => ids.every(isInteger)).map(([source, destination]) => pair(source, destination)),
    ...match.missing.filter(({ dataId }) => isInteger(dataId)).map(({ dataId }) => pair(dataId, null)),
  ]);
}

type Pair = readonly [source: string, image: Image | null];

function pair(source: number | string, image: number | string | null): Pair {
  return [canonical(source), image === null ? null : { id: canonical(image) }];
}

function canonical(id: number | string): string {
  return BigInt(id).toString();
}

function pairedImages(pairs: readonly Pair[]): NodeImages {
  const images = new Map<string, Image>();
  const replaced = new Map<string, string | null>();
  const firstOf = new Map<string, string>();
  for (const [source, image] of pairs) {
    if (image === null) {
      replaced.set(source, null);
      continue;
    }
    images.set(source, image);
    if (typeof image === 'string') continue;
    const first = firstOf.get(image.id);
    if (first === undefined) firstOf.set(image.id, source);
    else replaced.set(source, first);
  }
  if (replaced.size > mostReplaced) return unknownImages;
  return { replaced, image: (identifier) => images.get(identifier) ?? 'unknown' };
}

const none: ReadonlyMap<string, string | null> = new Map();
export const unknownImages: NodeImages = { replaced: none, image: () => 'unknown' };
const newImages: NodeImages = { replaced: none, image: () => 'new' };
const keptImages: NodeImages = { replaced: none, image: (id) => ({ id }) };

function followedNode(outline: Outline, node: number): number | null {
  const treatment = outline.entities.find((each) => each.node === node)?.columns[0]?.treatment;
  return treatment?.kind === 'key' ? (treatment.follows?.node ?? null) : null;
}
