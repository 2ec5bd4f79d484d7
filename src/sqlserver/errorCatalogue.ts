import type { ActivityFailureType } from '../contract.js';

/** What a number or driver code means for the run. */
export interface ErrorEntry {
  /** Stable code of docs/errors.md. */
  readonly code: string;
  readonly type: ActivityFailureType;
  readonly message: string;
  readonly remedy: string;
}

const retried = (code: string, message: string, remedy = 'Nothing: it is tried again.'): ErrorEntry => ({
  code,
  type: 'Infrastructure',
  message,
  remedy,
});
const refused = (code: string, message: string, remedy: string): ErrorEntry => ({
  code,
  type: 'Refused',
  message,
  remedy,
});
const denied = (code: string, message: string, remedy: string): ErrorEntry => ({
  code,
  type: 'AccessDenied',
  message,
  remedy,
});

const deadlock = retried('deadlock', 'SQL Server chose this transaction as the victim of a deadlock');
const lockTimeout = retried(
  'lockTimeout',
  'a lock was not granted in time',
  'Find the session that holds the lock (sys.dm_tran_locks); it is tried again.',
);
const connectionLost = retried('connectionLost', 'the connection to SQL Server was lost');
const serverBusy = retried('serverBusy', 'SQL Server is busy or moving to another node');
const outOfSpace = retried(
  'outOfSpace',
  'SQL Server has no room left',
  'Free space or enlarge the log or data files; it is tried again until then.',
);
const schemaDiffers = refused(
  'schemaDiffers',
  'a table or column that the plan rests on is missing',
  'Publish the module again, or start a new refresh: the plan is then made anew.',
);
const valueTooLong = refused(
  'valueTooLong',
  'a value of the source does not fit the column of the destination',
  'Publish the same version of the module in both environments, or leave the attribute out.',
);
const valueNotConvertible = refused(
  'valueNotConvertible',
  'a value of the source cannot be converted to the type of the destination column',
  'Publish the same version of the module in both environments, or leave the attribute out.',
);
const duplicateKey = refused(
  'duplicateKey',
  'a row would break a unique index or primary key of the destination',
  'Delete the destination rows first (data: deleteFirst), or match them (data: keep with match).',
);
const identityInsert = refused(
  'identityInsert',
  'the identity column does not take the keys that the plan chose',
  'Start a new refresh: the rights or the table have changed since the plan.',
);
const permissionMissing = denied(
  'permissionMissing',
  'the login lacks a permission',
  'Grant the permissions that docs/permissions.md lists for this login.',
);
const loginFailed = denied(
  'loginFailed',
  'SQL Server refused the login',
  'Check user and password of the environment in the configuration; a temporary database user may have expired.',
);
const unsupported = refused(
  'statementRefused',
  'SQL Server refused a statement of the product',
  'Report it with the number shown: it is a defect of the product or a version that it does not support.',
);

/** SQL Server error numbers (facts 3f). */
export const numberCatalogue: ReadonlyMap<number, ErrorEntry> = new Map<number, ErrorEntry>([
  [1205, deadlock],
  [1204, serverBusy],
  [1222, lockTimeout],
  [3960, retried('snapshotConflict', 'a snapshot transaction met a newer version of a row')],
  [3961, retried('snapshotConflict', 'a snapshot transaction met a change of a table')],
  [
    3952,
    refused(
      'snapshotNotAllowed',
      'the database does not allow snapshot isolation',
      'Allow it (ALTER DATABASE … SET ALLOW_SNAPSHOT_ISOLATION ON), or refresh without it.',
    ),
  ],
  [233, connectionLost],
  [64, connectionLost],
  [10053, connectionLost],
  [10054, connectionLost],
  [10060, connectionLost],
  [10061, connectionLost],
  [596, connectionLost],
  [
    4060,
    retried(
      'databaseUnavailable',
      'the database cannot be opened',
      'Check its name and state and that the login may use it; it is tried again.',
    ),
  ],
  [4221, serverBusy],
  [615, serverBusy],
  [701, outOfSpace],
  [802, outOfSpace],
  [1105, outOfSpace],
  [9002, outOfSpace],
  [3967, outOfSpace],
  [40143, serverBusy],
  [40197, serverBusy],
  [40501, serverBusy],
  [40540, serverBusy],
  [40613, serverBusy],
  [49918, serverBusy],
  [49919, serverBusy],
  [49920, serverBusy],
  [10928, serverBusy],
  [10929, serverBusy],
  [17142, serverBusy],
  [6005, serverBusy],
  [6006, serverBusy],
  [921, serverBusy],
  [922, serverBusy],
  [924, serverBusy],
  [927, serverBusy],
  [945, serverBusy],
  [983, serverBusy],
  [2627, duplicateKey],
  [2601, duplicateKey],
  [
    547,
    refused(
      'constraintViolated',
      'a row would break a foreign key or check constraint of the destination',
      'Look at the constraint named; set the policy of the attribute (unmapped, orphans), or include the entity it refers to.',
    ),
  ],
  [
    515,
    refused(
      'nullNotAllowed',
      'a column of the destination does not take NULL',
      'Choose another policy than setNull for the attribute, or include the entity that it refers to.',
    ),
  ],
  [2628, valueTooLong],
  [8152, valueTooLong],
  [245, valueNotConvertible],
  [8114, valueNotConvertible],
  [8115, valueNotConvertible],
  [220, valueNotConvertible],
  [241, valueNotConvertible],
  [242, valueNotConvertible],
  [295, valueNotConvertible],
  [207, schemaDiffers],
  [208, schemaDiffers],
  [213, schemaDiffers],
  [4902, schemaDiffers],
  [544, identityInsert],
  [545, identityInsert],
  [8101, identityInsert],
  [8106, identityInsert],
  [8107, identityInsert],
  [334, unsupported],
  [102, unsupported],
  [156, unsupported],
  [195, unsupported],
  [468, unsupported],
  [1088, permissionMissing],
  [229, permissionMissing],
  [230, permissionMissing],
  [262, permissionMissing],
  [297, permissionMissing],
  [300, permissionMissing],
  [371, permissionMissing],
  [916, permissionMissing],
  [2760, permissionMissing],
  [
    3906,
    denied(
      'databaseReadOnly',
      'the database is read-only',
      'Make the destination writable, or correct its entry in the configuration.',
    ),
  ],
  [15247, permissionMissing],
  [18456, loginFailed],
  [18452, loginFailed],
  [18470, loginFailed],
  [18486, loginFailed],
  [
    18487,
    denied('passwordExpired', 'the password of the login has expired', 'Change it and correct the configuration.'),
  ],
  [
    18488,
    denied('passwordExpired', 'the password of the login must be changed', 'Change it and correct the configuration.'),
  ],
]);

/** Codes of tedious, mssql and Node's sockets. */
export const driverCatalogue: ReadonlyMap<string, ErrorEntry> = new Map<string, ErrorEntry>([
  ['ESOCKET', connectionLost],
  ['ECONNCLOSED', connectionLost],
  ['ENOCONN', connectionLost],
  ['ENOTOPEN', connectionLost],
  ['ECLOSE', connectionLost],
  ['ECONNRESET', connectionLost],
  ['ECONNREFUSED', connectionLost],
  ['EPIPE', connectionLost],
  [
    'ENOTFOUND',
    retried(
      'serverNotFound',
      'the server name cannot be resolved',
      'Check `server` of the environment in the configuration; it is tried again.',
    ),
  ],
  [
    'EAI_AGAIN',
    retried(
      'serverNotFound',
      'the server name cannot be resolved',
      'Check `server` of the environment in the configuration; it is tried again.',
    ),
  ],
  [
    'EINSTLOOKUP',
    retried(
      'serverNotFound',
      'the instance cannot be found',
      'Check `server` and `port` of the environment in the configuration; it is tried again.',
    ),
  ],
  ['ETIMEOUT', retried('timeout', 'SQL Server did not answer in time')],
  ['ETIMEDOUT', retried('timeout', 'SQL Server did not answer in time')],
  ['ECANCEL', retried('cancelled', 'the statement was cancelled')],
  ['ELOGIN', loginFailed],
  [
    'EENCRYPT',
    denied(
      'encryptionRefused',
      'server and client do not agree on encryption',
      'Correct `encrypt` and `trustServerCertificate` of the environment.',
    ),
  ],
]);

/** Numbers that SQL Server does not list here: the statement is at fault, unless the severity says the server is. */
export const unknownRefusal: ErrorEntry = unsupported;
export const unknownFailure: ErrorEntry = retried(
  'serverError',
  'SQL Server reported an error',
  'Look at the error log of SQL Server; it is tried again.',
);
