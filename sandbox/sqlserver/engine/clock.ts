/** The server's time, which is UTC: GETDATE() and GETUTCDATE() are the same. */

const daysTo1970Since1900 = 25_567n;
const daysTo1970Since0001 = 719_162n;
const millisecondsPerDay = 86_400_000n;

/** datetime: 1/300 s since 1900-01-01, rounded as SQL Server's clock ticks. */
export function currentDatetime(): bigint {
  const milliseconds = BigInt(Date.now()) + daysTo1970Since1900 * millisecondsPerDay;
  return (milliseconds * 3n + 5n) / 10n;
}

/** datetime2(7): 100 ns since 0001-01-01. */
export function currentDatetime2(): bigint {
  const microseconds = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000));
  return microseconds * 10n + daysTo1970Since0001 * millisecondsPerDay * 10_000n;
}
