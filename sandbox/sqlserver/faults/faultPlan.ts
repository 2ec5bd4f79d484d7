import { SqlError, type Parameter } from '../engine/api.js';
import { faultError } from './faultErrors.js';

/** What goes wrong on purpose, with which requests, and how often. */
export interface Fault {
  readonly at: 'login' | 'request';
  /** Part of the request's text, of the user's name at a login; '' matches all. */
  readonly matching: string;
  /** Only clients of this application name are hit; '' hits all. */
  readonly application: string;
  /** Error that the request ends with instead of running; null lets it run. */
  readonly number: number | null;
  /** Milliseconds that the request is held before it runs or fails. */
  readonly delay: number;
}

interface ArmedFault extends Fault {
  /** Matches that pass unharmed first. */
  skip: number;
  /** Matches that are hit after those. */
  times: number;
}

/**
 * Faults that tests have armed, by calling the procedure sp_sandbox_fault. SQL Server has no such procedure, so it is
 * there only on a server started with --faults.
 */
export class FaultPlan {
  #armed: ArmedFault[] = [];

  /** The parameters of sp_sandbox_fault; without any it takes back what was armed. */
  arm(parameters: readonly Parameter[]): void {
    if (parameters.length === 0) {
      this.#armed = [];
      return;
    }
    const given = new Map(parameters.map(({ name, value }) => [name.toLowerCase(), value]));
    const at = given.get('@at') ?? 'request';
    if (at !== 'login' && at !== 'request') throw new SqlError(8114, `sp_sandbox_fault: unknown @at ${String(at)}.`);
    const number = given.get('@number') ?? null;
    if (number !== null) faultError(Number(number));
    this.#armed.push({
      at,
      matching: String(given.get('@matching') ?? ''),
      application: String(given.get('@application') ?? ''),
      number: number === null ? null : Number(number),
      delay: Number(given.get('@delay') ?? 0),
      skip: Number(given.get('@skip') ?? 0),
      times: Number(given.get('@times') ?? 1),
    });
  }

  /** The fault that hits this one, which is then used up once. */
  take(at: Fault['at'], text: string, application: string): Fault | null {
    for (const fault of this.#armed) {
      if (fault.at !== at || fault.times === 0 || !text.includes(fault.matching)) continue;
      if (fault.application !== '' && fault.application !== application) continue;
      if (fault.skip > 0) {
        fault.skip -= 1;
        continue;
      }
      fault.times -= 1;
      return fault;
    }
    return null;
  }
}
