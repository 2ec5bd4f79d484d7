/** Single-byte code pages of (var)char and text. Decoding never fails; what a page lacks is encoded as '?'. */
export interface CodePage {
  readonly name: string;
  /** Byte of each UTF-16 unit. */
  readonly byteOf: Uint8Array;
  decode(bytes: Buffer, start: number, end: number): string;
}

export type CodePageName =
  | 'windows-874'
  | 'windows-1250'
  | 'windows-1251'
  | 'windows-1252'
  | 'windows-1253'
  | 'windows-1254'
  | 'windows-1255'
  | 'windows-1256'
  | 'windows-1257'
  | 'windows-1258';

/** Bytes 0x80 to 0x9F of code page 1252. Node's decoder of that name is plain Latin-1, so the page is kept here. */
const windows1252High = [
  0x20ac, 0x81, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d, 0x017d,
  0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d,
  0x017e, 0x0178,
];

const questionMark = 0x3f;
const undefinedCharacter = 0xfffd;

function unitsOf(name: CodePageName): Uint16Array {
  const units = new Uint16Array(256);
  const decoder = name === 'windows-1252' ? undefined : new TextDecoder(name);
  for (let byte = 0; byte < 256; byte++) {
    const high = windows1252High[byte - 0x80];
    units[byte] = decoder === undefined ? (high ?? byte) : decoder.decode(Uint8Array.of(byte)).charCodeAt(0);
  }
  return units;
}

function createCodePage(name: CodePageName): CodePage {
  const unitOf = unitsOf(name);
  const byteOf = new Uint8Array(0x10000).fill(questionMark);
  for (let byte = 0; byte < 256; byte++) if (unitOf[byte] !== undefinedCharacter) byteOf[unitOf[byte]!] = byte;
  return {
    name,
    byteOf,
    decode(bytes, start, end) {
      for (let index = start; index < end; index++) {
        if (bytes[index]! >= 0x80) return decodeByTable(unitOf, bytes, start, end);
      }
      return bytes.toString('latin1', start, end);
    },
  };
}

function decodeByTable(unitOf: Uint16Array, bytes: Buffer, start: number, end: number): string {
  const units = new Uint16Array(end - start);
  for (let index = start; index < end; index++) units[index - start] = unitOf[bytes[index]!]!;
  return Buffer.from(units.buffer).toString('utf16le');
}

const codePages = new Map<CodePageName, CodePage>();

export function codePage(name: CodePageName): CodePage {
  let page = codePages.get(name);
  if (page === undefined) {
    page = createCodePage(name);
    codePages.set(name, page);
  }
  return page;
}
