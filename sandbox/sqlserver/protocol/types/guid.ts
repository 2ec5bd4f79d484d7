/** uniqueidentifier on the wire: the first three groups little-endian, the rest as written. */

const textByteOfWireByte = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15] as const;
const textPosition = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34] as const;

const hexValue = new Int8Array(128).fill(-1);
for (let value = 0; value < 16; value++) {
  const digit = value.toString(16);
  hexValue[digit.charCodeAt(0)] = value;
  hexValue[digit.toUpperCase().charCodeAt(0)] = value;
}

const hexText = Array.from({ length: 256 }, (_, byte) => byte.toString(16).toUpperCase().padStart(2, '0'));

/** Throws RangeError if the text is no GUID of 36 characters. */
export function writeGuid(text: string, target: Buffer, offset: number): void {
  if (text.length !== 36) throw new RangeError(`not a uniqueidentifier: ${text}`);
  for (let index = 0; index < 16; index++) {
    const at = textPosition[textByteOfWireByte[index]!]!;
    const high = hexValue[text.charCodeAt(at)] ?? -1;
    const low = hexValue[text.charCodeAt(at + 1)] ?? -1;
    if (high < 0 || low < 0) throw new RangeError(`not a uniqueidentifier: ${text}`);
    target[offset + index] = (high << 4) | low;
  }
}

export function readGuid(source: Buffer, offset: number): string {
  let text = '';
  for (let index = 0; index < 16; index++) {
    if (index === 4 || index === 6 || index === 8 || index === 10) text += '-';
    text += hexText[source[offset + textByteOfWireByte[index]!]!]!;
  }
  return text;
}
