import { distance } from 'fastest-levenshtein';

/** Up to `limit` of the candidates that look most like the name, best first; only those near enough to be a slip. */
export function nearestNames(name: string, candidates: Iterable<string>, limit = 3): string[] {
  const wanted = name.toLowerCase();
  return [...new Set(candidates)]
    .map((candidate) => ({ candidate, score: score(wanted, candidate.toLowerCase()) }))
    .filter(({ score }) => score <= Math.max(2, Math.ceil(wanted.length / 2)))
    .sort((a, b) => a.score - b.score || compare(a.candidate, b.candidate))
    .slice(0, limit)
    .map(({ candidate }) => candidate);
}

/** "(nearest: a, b)" with a leading space, or nothing. */
export function nearestHint(name: string, candidates: Iterable<string>): string {
  const nearest = nearestNames(name, candidates);
  return nearest.length === 0 ? '' : ` (nearest: ${nearest.join(', ')})`;
}

function score(wanted: string, candidate: string): number {
  const slips = distance(wanted, candidate);
  // Someone who writes the beginning of a long name means that name, however many letters are left out; a name that
  // is but one slip away is still nearer.
  const beginning = wanted.length >= 3 && (candidate.startsWith(wanted) || wanted.startsWith(candidate));
  return beginning ? Math.min(slips, 1.5) : slips;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
