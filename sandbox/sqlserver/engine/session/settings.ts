import { defaultSessionOptions, type SessionOptions } from '../translate/context.js';

/** What SET changes. Settings changed inside a procedure, sp_executesql or trigger end with it, the last four excepted. */
export interface SessionSettings extends SessionOptions {
  readonly noCount: boolean;
  /** FMTONLY: statements give the metadata of their results and are not run. */
  readonly formatOnly: boolean;
  readonly xactAbort: boolean;
  readonly implicitTransactions: boolean;
  readonly ansiWarnings: boolean;
  readonly ansiPadding: boolean;
  readonly ansiNullDefaultOn: boolean;
  readonly arithAbort: boolean;
  readonly quotedIdentifier: boolean;
  readonly numericRoundAbort: boolean;
  readonly textSize: number;
  readonly language: string;
  /** Milliseconds; -1 waits without end. */
  readonly lockTimeout: number;
  readonly deadlockPriority: number;
}

export const initialSettings: SessionSettings = {
  ...defaultSessionOptions,
  noCount: false,
  formatOnly: false,
  xactAbort: false,
  implicitTransactions: false,
  ansiWarnings: true,
  ansiPadding: true,
  ansiNullDefaultOn: true,
  arithAbort: true,
  quotedIdentifier: true,
  numericRoundAbort: false,
  textSize: 2_147_483_647,
  language: 'us_english',
  lockTimeout: -1,
  deadlockPriority: 0,
};

/** Bits of @@OPTIONS ("Configure the user options" of the server documentation). */
export function optionBits(settings: SessionSettings): number {
  const bits: [boolean, number][] = [
    [settings.implicitTransactions, 2],
    [settings.ansiWarnings, 8],
    [settings.ansiPadding, 16],
    // ANSI_NULLS is always on.
    [true, 32],
    [settings.arithAbort, 64],
    [settings.quotedIdentifier, 256],
    [settings.noCount, 512],
    [settings.ansiNullDefaultOn, 1024],
    [settings.concatNullYieldsNull, 4096],
    [settings.numericRoundAbort, 8192],
    [settings.xactAbort, 16384],
  ];
  return bits.reduce((sum, [on, bit]) => (on ? sum | bit : sum), 0);
}
