import { InvalidArgumentError } from 'commander';

/** Rows of production's biggest entity: enough to see the bars move, few enough for a first look. */
export const defaultRows = 20_000;
export const defaultSeed = 1;

/** Parses the value of --rows and --seed. */
export function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}
