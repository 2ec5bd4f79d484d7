import pc from 'picocolors';

/**
 * Whether text written to `stream` bears colors: where it is a terminal, or where `FORCE_COLOR` asks for it, never
 * against `NO_COLOR`. That a build server runs the command (`CI`) says nothing about who reads its output: in a file or
 * a pipe the escapes would break the search for a line.
 */
export function wantsColor(
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>> = process.env,
): boolean {
  if (environment.NO_COLOR) return false;
  if (environment.FORCE_COLOR) return environment.FORCE_COLOR !== '0';
  return stream.isTTY === true && environment.TERM !== 'dumb';
}

/** The colors of what goes to standard output. */
export const outputColors = pc.createColors(wantsColor(process.stdout));
