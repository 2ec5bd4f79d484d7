import { describe, expect, it } from 'vitest';
import { pacedLimits, pause, pauseReason } from '../../../src/migrate/migrateEntities/pace.js';

const unlimited = { parallelEntities: 4, limits: { rowsPerSecond: null, bytesPerSecond: null } };
const byRows = { parallelEntities: 4, limits: { rowsPerSecond: 1_000, bytesPerSecond: null } };
const byBytes = { parallelEntities: 1, limits: { rowsPerSecond: null, bytesPerSecond: 1_000_000 } };
const page = { rowCount: 500, bytes: 3_000_000 };

describe('the pace of reading', () => {
  it('is not held back without limits', () => {
    expect(pause(unlimited, page, 0, 1)).toBe(0);
    expect(pacedLimits(unlimited, { rows: 20_000, bytes: 16_000_000 }, 1)).toEqual({ rows: 20_000, bytes: 16_000_000 });
  });

  it('gives each of the entities that move at once its share of the rows', () => {
    expect(pause(byRows, page, 0, 1)).toBe(2_000);
    expect(pause(byRows, page, 1_500, 1)).toBe(500);
    expect(pause(byRows, page, 5_000, 1)).toBe(0);
  });

  it('counts the bytes of a page, however few its rows', () => {
    expect(pause(byBytes, { rowCount: 1, bytes: 3_000_000 }, 0, 1)).toBe(3_000);
  });

  it('reads pages so small that no wait is long', () => {
    const rows = pacedLimits(byRows, { rows: 20_000, bytes: 16_000_000 }, 1).rows;
    expect(pause(byRows, { rowCount: rows, bytes: 0 }, 0, 1)).toBeLessThanOrEqual(2_000);
    const { bytes } = pacedLimits(byBytes, { rows: 20_000, bytes: 16_000_000 }, 1);
    expect(pause(byBytes, { rowCount: 1, bytes }, 0, 1)).toBeLessThanOrEqual(2_000);
    expect(
      pacedLimits({ ...byRows, limits: { ...byRows.limits, rowsPerSecond: 1 } }, { rows: 9, bytes: 9 }, 1).rows,
    ).toBe(1);
  });

  it('is explained', () => {
    expect(pauseReason(byRows)).toBe('the request limits reading to 1000 rows a second');
  });
});
