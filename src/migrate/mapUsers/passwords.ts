import type { RefreshRequest } from '../../contract.js';
import type { ColumnTreatment } from '../../plan/refreshPlan.js';
import { RefreshError } from '../../sqlserver/errors.js';
import { quoteText } from '../../sqlserver/quoteName.js';

/** What the PASSWORD of a created user holds; matched users keep theirs. */
export interface Password {
  readonly treatment: ColumnTreatment;
  /** An expression that replaces the constant of the treatment; null to leave it. */
  readonly value: string | null;
}

/** Holds the hash that `passwords: fixed` gives to created users: a secret of the worker, never of the request. */
export const fixedPasswordVariable = 'REFRESH_FIXED_PASSWORD_HASH';

/**
 * blank: nobody can log in with a created user. keep: the hash of production, which is valid anywhere (facts 8).
 * fixed: the hash in REFRESH_FIXED_PASSWORD_HASH of the worker's environment.
 */
export function passwordTreatment(passwords: RefreshRequest['users']['passwords']): Password {
  switch (passwords) {
    case 'keep':
      return { treatment: { kind: 'copy' }, value: null };
    case 'blank':
      return { treatment: { kind: 'constant', value: 'empty' }, value: null };
    case 'fixed': {
      const hash = process.env[fixedPasswordVariable];
      if (hash === undefined || hash === '') {
        throw new RefreshError(
          'fixedPasswordMissing',
          'Refused',
          'passwords: fixed needs the hash that created users get',
          `Set ${fixedPasswordVariable} in the environment of the worker, then retry.`,
        );
      }
      return { treatment: { kind: 'constant', value: 'empty' }, value: quoteText(hash) };
    }
  }
}
