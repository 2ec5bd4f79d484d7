import type { ActivityFailureType, StageFailure } from '../contract.js';
import {
  driverCatalogue,
  loginStateCatalogue,
  numberCatalogue,
  unknownFailure,
  unknownRefusal,
  type ErrorEntry,
} from './errorCatalogue.js';

/**
 * A failure that may leave the process: it carries number, catalogue code and object names, never SQL Server's own text,
 * which quotes row values.
 */
export class RefreshError extends Error {
  override readonly name = 'RefreshError';

  constructor(
    readonly code: string,
    readonly type: ActivityFailureType,
    message: string,
    readonly remedy: string,
    readonly details: { readonly sqlNumber?: number | null; readonly subject?: string | null } = {},
  ) {
    super(message);
  }

  get retried(): boolean {
    return this.type === 'Infrastructure';
  }

  toStageFailure(): StageFailure {
    return {
      code: this.code,
      message: this.message,
      sqlNumber: this.details.sqlNumber ?? null,
      subject: this.details.subject ?? null,
      remedy: this.remedy,
    };
  }
}

/** Data or schema refuse the work; the stage or entity parks. */
export function refuse(code: string, message: string, remedy: string, subject: string | null = null): RefreshError {
  return new RefreshError(code, 'Refused', message, remedy, { subject });
}

/** Something that another attempt mends. */
export function interruption(code: string, message: string, subject: string | null = null): RefreshError {
  return new RefreshError(code, 'Infrastructure', message, 'Nothing: it is tried again.', { subject });
}

/** A row of this key is there already: 2627 by a constraint, 2601 by a unique index. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof RefreshError && error.code === 'duplicateKey';
}

/** Another owner has the destination, or the run was closed: this attempt may never write again. */
export function runClosed(): RefreshError {
  return new RefreshError(
    'runClosed',
    'RunClosed',
    'this run has been closed or superseded; nothing was written',
    'Look at `refresh status`; start a new refresh if the destination needs one.',
  );
}

interface DriverError {
  readonly code?: unknown;
  readonly number?: unknown;
  readonly class?: unknown;
  readonly state?: unknown;
  readonly message?: unknown;
  readonly errors?: unknown;
  readonly originalError?: unknown;
  readonly cause?: unknown;
}

/** 3621 "the statement has been terminated" and 3609 "ended in the trigger" follow the number that says why. */
const followers: ReadonlySet<number> = new Set([3621, 3609]);

/** Class 17 and above: resources, hardware, the server itself; below 17 the statement or its data. */
const firstServerSeverity = 17;

/**
 * Turns whatever a driver threw into a failure of the catalogue.
 * @param subject entity or table that the work was about, used where the message names no object
 */
export function classifyError(error: unknown, subject: string | null = null): RefreshError {
  if (error instanceof RefreshError) return error;
  const driver = findDriverError(error);
  if (driver === null) {
    return new RefreshError(
      'unexpected',
      'Refused',
      `unexpected failure of the product (${error instanceof Error ? error.name : typeof error})`,
      'Report it with the log of the worker.',
      { subject },
    );
  }
  const number = typeof driver.number === 'number' ? driver.number : null;
  const entry = entryFor(driver, number);
  const objects = number === null ? [] : objectNames(number, String(driver.message ?? ''));
  const named = objects.length > 0 ? `: ${objects.join(', ')}` : '';
  return new RefreshError(entry.code, entry.type, `${entry.message}${named}`, entry.remedy, {
    sqlNumber: number,
    subject: subject ?? objects[0] ?? null,
  });
}

/** Error "login failed", whose state tells why. */
const loginFailed = 18456;

function entryFor(driver: DriverError, number: number | null): ErrorEntry {
  if (number !== null) {
    const told = number === loginFailed ? loginStateCatalogue.get(Number(driver.state)) : undefined;
    if (told !== undefined) return told;
    const known = numberCatalogue.get(number);
    if (known !== undefined) return known;
    const severity = typeof driver.class === 'number' ? driver.class : 16;
    return severity >= firstServerSeverity ? unknownFailure : unknownRefusal;
  }
  return driverCatalogue.get(String(driver.code)) ?? unknownFailure;
}

/** The error that tells the cause: drivers wrap it, or report several at once. */
function findDriverError(error: unknown): DriverError | null {
  if (typeof error !== 'object' || error === null) return null;
  const candidate = error as DriverError;
  if (Array.isArray(candidate.errors)) {
    const inner = candidate.errors.map(findDriverError).filter((each): each is DriverError => each !== null);
    const telling = inner.find((each) => typeof each.number === 'number' && !followers.has(each.number));
    return telling ?? inner[0] ?? null;
  }
  if (typeof candidate.number === 'number') return candidate;
  const wrapped = findDriverError(candidate.originalError) ?? findDriverError(candidate.cause);
  if (wrapped !== null) return wrapped;
  return typeof candidate.code === 'string' ? candidate : null;
}

/**
 * Names of constraints, tables and columns inside the messages of a few numbers, whose wording in us_english is
 * documented. Values stand in other places of these texts and are not taken.
 */
const namePatterns: ReadonlyMap<number, readonly RegExp[]> = new Map([
  [547, [/constraint "([^"]{1,128})"/, /table "([^"]{1,260})"/]],
  [2627, [/constraint '([^']{1,128})'/, /in object '([^']{1,260})'/]],
  [2601, [/in object '([^']{1,260})' with unique index/, /unique index '([^']{1,128})'/]],
  [515, [/into column '([^']{1,128})', table '/, /, table '([^']{1,390})'/]],
  [2628, [/in table '([^']{1,390})', column '/, /', column '([^']{1,128})'/]],
  [207, [/^Invalid column name '([^']{1,128})'/]],
  [208, [/^Invalid object name '([^']{1,390})'/]],
  [229, [/on the object '([^']{1,128})', database '/]],
  [544, [/in table '([^']{1,128})' when/]],
]);

function objectNames(number: number, message: string): string[] {
  const names: string[] = [];
  for (const pattern of namePatterns.get(number) ?? []) {
    const name = pattern.exec(message)?.[1];
    if (name !== undefined) names.push(name);
  }
  return names;
}
