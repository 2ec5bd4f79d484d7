import { describe, expect, it } from 'vitest';
import { driverCatalogue, numberCatalogue, sqlErrors } from '../../../src/sqlserver/errorCatalogue.js';
import { classifyError, refuse } from '../../../src/sqlserver/errors.js';

/** An error as the driver throws it. */
function sqlError(number: number, more: object = {}): Error {
  return Object.assign(new Error('secret values'), { code: 'EREQUEST', number, class: 16, state: 1, ...more });
}

function codeOf(number: number, more: object = {}): string {
  return classifyError(sqlError(number, more)).code;
}

describe('the catalogue of SQL errors', () => {
  it('has each code, number and driver code once', () => {
    const codes = sqlErrors.map((each) => each.code);
    expect(new Set(codes).size).toBe(codes.length);
    expect(numberCatalogue.size).toBe(sqlErrors.flatMap((each) => each.numbers).length);
    expect(driverCatalogue.size).toBe(sqlErrors.flatMap((each) => each.driverCodes).length);
    const states = sqlErrors.flatMap((each) => each.loginStates);
    expect(new Set(states).size).toBe(states.length);
  });

  it('tells the operator what to do about each', () => {
    for (const { message, remedy } of sqlErrors) {
      expect(message).toMatch(/^[a-zA-Z].*[^.]$/);
      expect(remedy).toMatch(/^[A-Z].*\.$/);
    }
  });
});

describe('SQL Server numbers', () => {
  it.each([
    ['deadlock', [1205]],
    ['lockTimeout', [1222]],
    ['logFull', [9002]],
    ['dataFull', [1105, 1101]],
    ['tempdbFull', [3967]],
    ['memoryShort', [701, 1204]],
    ['failover', [976, 983, 40143, 40197, 40613]],
    ['databaseUnavailable', [4060]],
    ['serverBusy', [40501, 10928, 10929, 49918, 49919, 49920]],
    ['serverStopping', [6005, 17142]],
    ['connectionLost', [64, 233, 10053, 10054]],
    ['serverUnreachable', [10060, 10061]],
  ])('%s is retried: %j', (code, numbers) => {
    for (const number of numbers) {
      const failure = classifyError(sqlError(number));
      expect([number, failure.code, failure.type, failure.retried]).toEqual([number, code, 'Infrastructure', true]);
    }
  });

  it.each([
    ['passwordExpired', 18487, 1],
    ['passwordMustChange', 18488, 1],
    ['loginLocked', 18486, 1],
    ['loginDisabled', 18470, 1],
    ['sqlLoginsOff', 18452, 1],
    ['loginFailed', 18456, 1],
    ['loginUnknown', 18456, 5],
    ['passwordWrong', 18456, 8],
    ['loginDisabled', 18456, 7],
    ['passwordMustChange', 18456, 18],
    ['sqlLoginsOff', 18456, 58],
    ['loginFailed', 18456, 200],
    ['permissionMissing', 229, 5],
    ['databaseReadOnly', 3906, 1],
  ])('%s is told apart from other refusals of access (%i, state %i) and is not retried', (code, number, state) => {
    const failure = classifyError(sqlError(number, { state }));
    expect([failure.code, failure.type, failure.retried]).toEqual([code, 'AccessDenied', false]);
  });

  it('retries a login that a server refuses while its database or itself is not up', () => {
    expect(codeOf(18456, { state: 38 })).toBe('databaseUnavailable');
    expect(codeOf(18456, { state: 23 })).toBe('serverStopping');
  });

  it.each([
    ['duplicateKey', [2601, 2627]],
    ['constraintViolated', [547]],
    ['nullNotAllowed', [515]],
    ['valueTooLong', [2628, 8152]],
    ['schemaDiffers', [207, 208]],
    ['identityInsert', [544, 8107]],
    ['statementRefused', [102, 334]],
  ])('%s parks the stage: %j', (code, numbers) => {
    for (const number of numbers) expect(classifyError(sqlError(number))).toMatchObject({ code, type: 'Refused' });
  });

  it('takes an unknown number by its severity', () => {
    expect(classifyError(sqlError(999_999, { class: 20 }))).toMatchObject({ code: 'serverError', retried: true });
    expect(classifyError(sqlError(999_999, { class: 16 }))).toMatchObject({ code: 'statementRefused', retried: false });
  });
});

describe('errors of the driver', () => {
  it.each([
    ['connectionLost', 'ECONNRESET'],
    ['serverUnreachable', 'ECONNREFUSED'],
    ['serverNotFound', 'ENOTFOUND'],
    ['certificateRefused', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['timeout', 'ETIMEOUT'],
    ['loginFailed', 'ELOGIN'],
  ])('%s is found behind the wrapping error: %s', (code, inner) => {
    const cause = Object.assign(new Error('inner'), { code: inner });
    const wrapped = Object.assign(new Error('outer', { cause }), { code: 'ESOCKET' });
    expect(classifyError(wrapped).code).toBe(code);
  });

  it('takes the cause of several errors, not what follows from it', () => {
    const several = { errors: [sqlError(3621), sqlError(547), sqlError(3609)] };
    expect(classifyError(several)).toMatchObject({ code: 'constraintViolated', details: { sqlNumber: 547 } });
  });

  it('calls what is no error of the driver a defect, without its text', () => {
    const failure = classifyError(new TypeError('secret values'));
    expect(failure).toMatchObject({ code: 'unexpected', type: 'Refused' });
    expect(JSON.stringify(failure.toStageFailure())).not.toContain('secret');
  });
});

describe('what leaves the process', () => {
  it('names constraint and table, and no value', () => {
    const text =
      "Violation of UNIQUE KEY constraint 'UQ_Person'. Cannot insert duplicate key in object 'dbo.OSUSR_1'. The duplicate key value is (jane@example.com).";
    const failure = classifyError(sqlError(2627, { message: text })).toStageFailure();
    expect(failure).toMatchObject({ code: 'duplicateKey', sqlNumber: 2627, subject: 'UQ_Person' });
    expect(failure.message).toContain('dbo.OSUSR_1');
    expect(JSON.stringify(failure)).not.toContain('jane');
  });

  it('keeps a failure that was classified before', () => {
    const failure = refuse('keyType', 'keys cannot be paged', 'Leave it out.', 'People.Person');
    expect(classifyError(failure)).toBe(failure);
  });
});
