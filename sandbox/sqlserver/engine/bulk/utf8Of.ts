import '../../postgres/bufferSlices.js';
import { checkText } from '../../postgres/values.js';

/**
 * Writes UTF-16 as UTF-8 and gives the position after it; there must be room for three bytes for each unit. What
 * checkText() refuses is refused by it.
 */
export function utf8Of(source: Buffer, start: number, end: number, target: Buffer, position: number): number {
  let at = position;
  for (let index = start; index < end; index += 2) {
    const unit = unitAt(source, index);
    if (unit < 0x80) {
      if (unit === 0) checkText(source.ucs2Slice(start, end));
      target[at++] = unit;
    } else if (unit < 0x800) {
      target[at] = 0xc0 | (unit >>> 6);
      target[at + 1] = 0x80 | (unit & 0x3f);
      at += 2;
    } else if ((unit & 0xf800) !== 0xd800) {
      target[at] = 0xe0 | (unit >>> 12);
      target[at + 1] = 0x80 | ((unit >>> 6) & 0x3f);
      target[at + 2] = 0x80 | (unit & 0x3f);
      at += 3;
    } else {
      index += 2;
      const low = index < end ? unitAt(source, index) : 0;
      if (unit > 0xdbff || (low & 0xfc00) !== 0xdc00) checkText(source.ucs2Slice(start, end));
      const code = 0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff);
      target[at] = 0xf0 | (code >>> 18);
      target[at + 1] = 0x80 | ((code >>> 12) & 0x3f);
      target[at + 2] = 0x80 | ((code >>> 6) & 0x3f);
      target[at + 3] = 0x80 | (code & 0x3f);
      at += 4;
    }
  }
  return at;
}

function unitAt(source: Buffer, index: number): number {
  return (source[index] as number) | ((source[index + 1] as number) << 8);
}
