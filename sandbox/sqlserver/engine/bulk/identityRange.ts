import type { SqlValue } from '../api.js';

/** Keeps the least and the greatest explicit identity value. */
export class IdentityRange {
  private least: bigint | undefined;
  private greatest: bigint | undefined;

  add(value: NonNullable<SqlValue>): void {
    const number = BigInt(value as number | bigint | string);
    if (this.least === undefined || number < this.least) this.least = number;
    if (this.greatest === undefined || number > this.greatest) this.greatest = number;
  }

  result(): { readonly least?: bigint; readonly greatest?: bigint } {
    if (this.least === undefined || this.greatest === undefined) return {};
    return { least: this.least, greatest: this.greatest };
  }
}
