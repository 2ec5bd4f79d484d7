import { z } from 'zod';

const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const sizeUnits: Readonly<Record<string, number>> = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };

/** A duration: 90s, 30m, 4h, 2d, or a number of milliseconds. Gives milliseconds. */
export const duration = quantity(durationUnits, 'a duration such as 90s, 30m, 4h or 2d');

/** A size: 512KB, 16MB, or a number of bytes. Gives bytes. */
export const byteSize = quantity(sizeUnits, 'a size such as 512KB or 16MB');

function quantity(units: Readonly<Record<string, number>>, description: string) {
  return z.union([z.number(), z.string()]).transform((value, context) => {
    const result = typeof value === 'number' ? value : parse(value, units);
    if (result !== null && Number.isSafeInteger(result) && result > 0) return result;
    context.issues.push({ code: 'custom', message: `must be ${description}`, input: value });
    return z.NEVER;
  });
}

function parse(text: string, units: Readonly<Record<string, number>>): number | null {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*$/i.exec(text);
  const unit = units[match?.[2]?.toLowerCase() ?? ''];
  return match === null || unit === undefined ? null : Math.round(Number(match[1]) * unit);
}
