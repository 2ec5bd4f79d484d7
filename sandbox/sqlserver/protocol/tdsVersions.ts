/** Versions of TDS as LOGIN7 and LOGINACK carry them: [MS-TDS] 2.2.6.4 and 2.2.7.14. */
export const tdsVersions = {
  v7_2: 0x72090002,
  v7_3A: 0x730a0003,
  v7_3B: 0x730b0003,
  v7_4: 0x74000004,
} as const;

/** The version both sides then speak, or undefined for clients older than TDS 7.2 (SQL Server 2005). */
export function negotiateVersion(asked: number): number | undefined {
  const known = Object.values(tdsVersions).reverse();
  if (asked < tdsVersions.v7_2) return undefined;
  return known.find((version) => version <= asked);
}

/** What a client of that version understands. */
export interface Capabilities {
  readonly nullBitmapRows: boolean;
  /** date, time, datetime2 and datetimeoffset; older clients get them as nvarchar. */
  readonly dateTypes: boolean;
}

export function capabilitiesOf(version: number): Capabilities {
  return { nullBitmapRows: version >= tdsVersions.v7_3B, dateTypes: version >= tdsVersions.v7_3A };
}
