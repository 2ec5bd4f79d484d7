/** Decimal notation to and from scaled integers, without floating point beyond 2^53. */

const zero = 0x30;
const minus = 0x2d;
const point = 0x2e;

/**
 * Digits of a decimal text as one integer scaled by 10^scale. `magnitude` is a number while it is exact (below 2^53),
 * else a bigint. One object is reused: read it before the next call.
 */
export const scaled: { negative: boolean; magnitude: number | bigint } = { negative: false, magnitude: 0 };

/** Digits a number holds exactly whatever they are. */
const safeDigits = 15;

/**
 * Parses plain decimal notation. Throws RangeError if the text is no decimal number, or has a digit other than zero
 * beyond the scale: rounding is the engine's business.
 */
export function parseScaled(text: string, scale: number): typeof scaled {
  const start = text.charCodeAt(0) === minus ? 1 : 0;
  scaled.negative = start === 1;
  let value = 0;
  let digits = 0;
  let fraction = -1;
  for (let index = start; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === point && fraction < 0) {
      fraction = 0;
      continue;
    }
    const digit = code - zero;
    if (digit < 0 || digit > 9) throw new RangeError(`not a decimal number: ${text}`);
    if (fraction >= 0 && fraction++ >= scale) {
      if (digit !== 0) throw new RangeError(`${text} has more than ${scale} decimals`);
      continue;
    }
    if (digits > 0 || digit > 0) digits++;
    if (digits > safeDigits) return parseScaledBig(text, start, scale);
    value = value * 10 + digit;
  }
  const missing = scale - Math.min(Math.max(fraction, 0), scale);
  if (missing > 0 && value > 0) {
    if (digits + missing > safeDigits) return parseScaledBig(text, start, scale);
    value *= 10 ** missing;
  }
  scaled.magnitude = value;
  return scaled;
}

function parseScaledBig(text: string, start: number, scale: number): typeof scaled {
  const separator = text.indexOf('.');
  const whole = separator < 0 ? text.slice(start) : text.slice(start, separator);
  const fraction = separator < 0 ? '' : text.slice(separator + 1);
  if (!/^0*$/.test(fraction.slice(scale))) throw new RangeError(`${text} has more than ${scale} decimals`);
  const all = whole + fraction.slice(0, scale).padEnd(scale, '0');
  if (!/^[0-9]+$/.test(all)) throw new RangeError(`not a decimal number: ${text}`);
  scaled.magnitude = BigInt(all);
  return scaled;
}

/** Plain decimal notation of digits scaled by 10^scale: ('12345', 2) is '123.45'. */
export function formatScaled(digits: string, scale: number, negative: boolean): string {
  const sign = negative ? '-' : '';
  if (scale === 0) return sign + digits;
  const padded = digits.length > scale ? digits : digits.padStart(scale + 1, '0');
  return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}
