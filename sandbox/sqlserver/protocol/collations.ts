import { unsupported } from '../tsql/unsupported.js';
import { codePage, type CodePage, type CodePageName } from './codePages.js';

/** A collation as COLLATION of [MS-TDS] 2.2.5.1.2 carries it, with the code page of its (var)char columns. */
export interface Collation {
  readonly name: string;
  /** Five bytes: language, comparison flags, version, sort id. */
  readonly bytes: Buffer;
  readonly codePage: CodePage;
}

export const defaultCollationName = 'SQL_Latin1_General_CP1_CI_AS';

/** Windows collation designators: language id and code page. */
const designators: Readonly<Record<string, readonly [languageId: number, page: CodePageName]>> = {
  Latin1_General: [0x0409, 'windows-1252'],
  Albanian: [0x041c, 'windows-1250'],
  Arabic: [0x0401, 'windows-1256'],
  Croatian: [0x041a, 'windows-1250'],
  Cyrillic_General: [0x0419, 'windows-1251'],
  Czech: [0x0405, 'windows-1250'],
  Danish_Greenlandic: [0x0406, 'windows-1252'],
  Danish_Norwegian: [0x0406, 'windows-1252'],
  Estonian: [0x0425, 'windows-1257'],
  Finnish_Swedish: [0x040b, 'windows-1252'],
  French: [0x040c, 'windows-1252'],
  German_PhoneBook: [0x10407, 'windows-1252'],
  Greek: [0x0408, 'windows-1253'],
  Hebrew: [0x040d, 'windows-1255'],
  Hungarian: [0x040e, 'windows-1250'],
  Icelandic: [0x040f, 'windows-1252'],
  Latvian: [0x0426, 'windows-1257'],
  Lithuanian: [0x0427, 'windows-1257'],
  Modern_Spanish: [0x0c0a, 'windows-1252'],
  Norwegian: [0x0414, 'windows-1252'],
  Polish: [0x0415, 'windows-1250'],
  Romanian: [0x0418, 'windows-1250'],
  Slovak: [0x041b, 'windows-1250'],
  Slovenian: [0x0424, 'windows-1250'],
  Thai: [0x041e, 'windows-874'],
  Traditional_Spanish: [0x040a, 'windows-1252'],
  Turkish: [0x041f, 'windows-1254'],
  Ukrainian: [0x0422, 'windows-1251'],
  Vietnamese: [0x042a, 'windows-1258'],
};

/** SQL Server's own collations: sort id, comparison flags, language id, code page. */
const sqlCollations: Readonly<Record<string, readonly [number, number, number, CodePageName]>> = {
  SQL_Latin1_General_CP1_CS_AS: [51, 0xc, 0x0409, 'windows-1252'],
  SQL_Latin1_General_CP1_CI_AS: [52, 0xd, 0x0409, 'windows-1252'],
  SQL_Latin1_General_Pref_CP1_CI_AS: [53, 0xd, 0x0409, 'windows-1252'],
  SQL_Latin1_General_CP1_CI_AI: [54, 0xf, 0x0409, 'windows-1252'],
  SQL_Latin1_General_CP1250_CS_AS: [81, 0xc, 0x0409, 'windows-1250'],
  SQL_Latin1_General_CP1250_CI_AS: [82, 0xd, 0x0409, 'windows-1250'],
  SQL_Latin1_General_CP1251_CS_AS: [105, 0xc, 0x0409, 'windows-1251'],
  SQL_Latin1_General_CP1251_CI_AS: [106, 0xd, 0x0409, 'windows-1251'],
  SQL_Latin1_General_CP1253_CS_AS: [113, 0xc, 0x0409, 'windows-1253'],
  SQL_Latin1_General_CP1253_CI_AS: [114, 0xd, 0x0409, 'windows-1253'],
  SQL_Latin1_General_CP1255_CI_AS: [138, 0xd, 0x0409, 'windows-1255'],
  SQL_Latin1_General_CP1256_CI_AS: [146, 0xd, 0x0409, 'windows-1256'],
  SQL_Latin1_General_CP1257_CI_AS: [154, 0xd, 0x0409, 'windows-1257'],
};

const flags = { ignoreCase: 1, ignoreAccent: 2, ignoreKana: 4, ignoreWidth: 8, binary: 0x10, binary2: 0x20 } as const;
const versions: Readonly<Record<string, number>> = { '90': 1, '100': 2, '140': 3, '160': 4 };
const windowsName = /^(\w+?)(?:_(90|100|140|160))?_(BIN2?|(C[IS])_(A[IS])(_KS)?(_WS)?(?:_SC|_VSS)*)$/;

function collationBytes(languageId: number, comparison: number, version: number, sortId: number): Buffer {
  return Buffer.of(
    languageId & 0xff,
    (languageId >>> 8) & 0xff,
    ((languageId >>> 16) & 0x0f) | ((comparison & 0x0f) << 4),
    (comparison >>> 4) | (version << 4),
    sortId,
  );
}

function comparisonFlags(parts: RegExpExecArray): number {
  if (parts[3] === 'BIN') return flags.binary;
  if (parts[3] === 'BIN2') return flags.binary2;
  return (
    (parts[4] === 'CI' ? flags.ignoreCase : 0) |
    (parts[5] === 'AI' ? flags.ignoreAccent : 0) |
    (parts[6] === undefined ? flags.ignoreKana : 0) |
    (parts[7] === undefined ? flags.ignoreWidth : 0)
  );
}

function parseCollation(name: string): Collation {
  const sql = sqlCollations[name];
  if (sql !== undefined) {
    const [sortId, comparison, languageId, page] = sql;
    return { name, bytes: collationBytes(languageId, comparison, 0, sortId), codePage: codePage(page) };
  }
  const parts = windowsName.exec(name);
  const designator = parts === null ? undefined : designators[parts[1]!];
  if (parts === null || designator === undefined) {
    throw unsupported(`sending text of the collation '${name}'`);
  }
  const version = parts[2] === undefined ? 0 : versions[parts[2]]!;
  const [languageId, page] = designator;
  return { name, bytes: collationBytes(languageId, comparisonFlags(parts), version, 0), codePage: codePage(page) };
}

const collations = new Map<string, Collation>();

/** Throws SqlError for collations whose code page the sandbox lacks: multi-byte pages and UTF-8 among them. */
export function collation(name: string): Collation {
  let found = collations.get(name);
  if (found === undefined) {
    found = parseCollation(name);
    collations.set(name, found);
  }
  return found;
}

const pageOfLanguage = new Map(Object.values(designators));
const pageOfSortId = new Map(Object.values(sqlCollations).map(([sortId, , , page]) => [sortId, page]));

/** Code page of text whose collation a client sent. All zero bytes mean the server's default. */
export function codePageOfBytes(bytes: Buffer, start: number, fallback: CodePage): CodePage {
  const sortId = bytes[start + 4]!;
  const languageId = bytes[start]! | (bytes[start + 1]! << 8) | ((bytes[start + 2]! & 0x0f) << 16);
  if (sortId === 0 && languageId === 0) return fallback;
  const page = sortId === 0 ? pageOfLanguage.get(languageId) : pageOfSortId.get(sortId);
  return page === undefined ? fallback : codePage(page);
}
