import type { ActivityFailureType } from '../contract.js';

/** What a number or driver code means for the run. */
export interface ErrorEntry {
  /** Stable code of docs/errors.md. */
  readonly code: string;
  readonly type: ActivityFailureType;
  readonly message: string;
  readonly remedy: string;
}

/** An entry with everything that means it. */
interface Classified extends ErrorEntry {
  /** SQL Server error numbers. */
  readonly numbers: readonly number[];
  /** Codes of tedious, mssql, Node's sockets and TLS. */
  readonly driverCodes: readonly string[];
  /** States of number 18456, which tells every refused login; a server that hides the reason answers state 1. */
  readonly loginStates: readonly number[];
}

type Causes = Partial<Pick<Classified, 'numbers' | 'driverCodes' | 'loginStates'>>;

function entry(type: ActivityFailureType, code: string, message: string, remedy: string, causes: Causes): Classified {
  return { code, type, message, remedy, numbers: [], driverCodes: [], loginStates: [], ...causes };
}

/** Another attempt may mend it. */
const retried = (code: string, message: string, remedy: string, causes: Causes): Classified =>
  entry('Infrastructure', code, message, remedy, causes);
/** Data or schema stand against it. */
const refused = (code: string, message: string, remedy: string, causes: Causes): Classified =>
  entry('Refused', code, message, remedy, causes);
/** The login or its rights stand against it. */
const denied = (code: string, message: string, remedy: string, causes: Causes): Classified =>
  entry('AccessDenied', code, message, remedy, causes);

/** Of 18456 the log of the server tells the reason; the client is told state 1 so that nobody can probe for names. */
const hiddenReason =
  'Check user and password of the environment in the configuration. SQL Server writes the reason into its error log as the state of error 18456: 2 or 5 no such login, 7 disabled, 8 wrong password, 18 password to be changed, 38 or 40 database.';

/** Everything that SQL Server and its driver report and that means something to a run, in the order of docs/errors.md. */
export const sqlErrors: readonly Classified[] = [
  // Waiting for each other.
  retried(
    'deadlock',
    'SQL Server chose this transaction as the victim of a deadlock',
    'Nothing: the batch was rolled back whole and is tried again. If it recurs, lower parallelEntities and parallelRanges (refresh tune).',
    { numbers: [1205, 1211] },
  ),
  retried(
    'lockTimeout',
    'a lock was not granted in time',
    'Find the session that holds the lock (sys.dm_tran_locks, sys.dm_exec_requests) and end it if it hangs; it is tried again.',
    { numbers: [1222] },
  ),
  retried(
    'snapshotConflict',
    'a snapshot transaction met a newer version of a row or a change of a table',
    'Nothing: it is tried again.',
    { numbers: [3960, 3961] },
  ),

  // The way to the server.
  retried(
    'connectionLost',
    'the connection to SQL Server was lost',
    'Nothing: it is tried again on a new connection, and a batch that was committed is recognised by its ledger row.',
    {
      numbers: [64, 121, 233, 596, 10053, 10054],
      driverCodes: ['ESOCKET', 'ECONNCLOSED', 'ENOCONN', 'ENOTOPEN', 'ECLOSE', 'ECONNRESET', 'EPIPE', 'EINVALIDSTATE'],
    },
  ),
  retried(
    'serverUnreachable',
    'no SQL Server answers at that address',
    'Check that SQL Server runs, `server` and `port` of the environment, and the firewall; it is tried again.',
    { numbers: [53, 10060, 10061], driverCodes: ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT'] },
  ),
  retried(
    'serverNotFound',
    'the server or instance name cannot be resolved',
    'Check `server` and `port` of the environment in the configuration; it is tried again.',
    { numbers: [11001], driverCodes: ['ENOTFOUND', 'EAI_AGAIN', 'EINSTLOOKUP'] },
  ),
  denied(
    'certificateRefused',
    'the certificate of the server is not trusted',
    'Give the server a certificate of a known authority (NODE_EXTRA_CA_CERTS names yours), or set trustServerCertificate: true.',
    {
      driverCodes: [
        'DEPTH_ZERO_SELF_SIGNED_CERT',
        'SELF_SIGNED_CERT_IN_CHAIN',
        'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
        'UNABLE_TO_GET_ISSUER_CERT',
        'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
        'CERT_HAS_EXPIRED',
        'CERT_NOT_YET_VALID',
        'ERR_TLS_CERT_ALTNAME_INVALID',
      ],
    },
  ),
  denied(
    'encryptionRefused',
    'server and client do not agree on encryption',
    'Correct `encrypt` and `trustServerCertificate` of the environment.',
    { driverCodes: ['EENCRYPT'] },
  ),
  retried(
    'timeout',
    'SQL Server did not answer in time',
    'Look for what blocks or slows the server (sys.dm_exec_requests); it is tried again.',
    { driverCodes: ['ETIMEOUT'] },
  ),
  retried(
    'cancelled',
    'the statement was cancelled',
    'Nothing: the worker was stopped or lost touch with Temporal; it is tried again.',
    { driverCodes: ['ECANCEL'] },
  ),

  // The server or database is elsewhere, or not open.
  retried(
    'failover',
    'the database is moving to another node, or this node holds only a secondary copy of it',
    'Nothing during a fail-over: it is tried again. If it lasts, name the availability group listener (or primary) as `server`.',
    { numbers: [976, 978, 979, 980, 981, 982, 983, 35256, 40143, 40166, 40197, 40540, 40613, 4221] },
  ),
  retried(
    'databaseUnavailable',
    'the database cannot be opened',
    'Check its name, that it is online (also after a fail-over), and that the login has a user in it; it is tried again.',
    { numbers: [4060, 4064, 615, 921, 922, 924, 927, 942, 945, 952], loginStates: [38, 40, 46] },
  ),
  retried(
    'serverStopping',
    'SQL Server is starting, stopping, paused or in single-user mode',
    'Nothing: it is tried again. See that somebody starts the server.',
    { numbers: [6005, 6006, 17142, 18401, 18461], loginStates: [13, 23] },
  ),
  retried(
    'serverBusy',
    'SQL Server has reached a limit of sessions, workers or requests',
    'Lower parallelEntities and parallelRanges (refresh tune), or limits of the request; it is tried again.',
    { numbers: [10928, 10929, 17809, 40501, 40549, 40550, 49918, 49919, 49920] },
  ),

  // Room.
  retried(
    'logFull',
    'the transaction log of the database is full',
    'Back up or enlarge the log; sys.databases.log_reuse_wait_desc says what holds it. It is tried again until there is room.',
    { numbers: [9002, 40552] },
  ),
  retried(
    'dataFull',
    'a data file or filegroup is full',
    'Enlarge the data files or free space on their disk; it is tried again until there is room.',
    { numbers: [1101, 1105, 5149, 40544] },
  ),
  retried(
    'tempdbFull',
    'tempdb has no room left',
    'Enlarge tempdb or end what fills it (sys.dm_db_session_space_usage); it is tried again.',
    { numbers: [3958, 3966, 3967, 40551] },
  ),
  retried(
    'memoryShort',
    'SQL Server has too little memory, or too many locks',
    'Lower parallelEntities, parallelRanges and batchRows (refresh tune); it is tried again.',
    { numbers: [701, 802, 1204, 8645, 8651, 8902, 40553] },
  ),

  // The login.
  denied('loginFailed', 'SQL Server refused the login', hiddenReason, { numbers: [18456], driverCodes: ['ELOGIN'] }),
  denied('loginUnknown', 'the login does not exist', 'Correct `user` of the environment, or create the login.', {
    loginStates: [2, 5, 65],
  }),
  denied('passwordWrong', 'the password of the login is wrong', 'Correct `password` of the environment.', {
    loginStates: [8, 9],
  }),
  denied('loginDisabled', 'the login is disabled', 'Enable it (ALTER LOGIN … ENABLE).', {
    numbers: [18470],
    loginStates: [7],
  }),
  denied(
    'loginLocked',
    'the login is locked out after too many wrong passwords',
    'Unlock it (ALTER LOGIN … WITH PASSWORD = … UNLOCK) and correct `password` of the environment.',
    { numbers: [18486] },
  ),
  denied(
    'passwordExpired',
    'the password of the login has expired',
    'Set a new one (or create the login with CHECK_EXPIRATION = OFF), correct the configuration, restart the workers, then retry.',
    { numbers: [18487] },
  ),
  denied(
    'passwordMustChange',
    'the password of the login must be changed before it may be used',
    'Set a new one without MUST_CHANGE, correct the configuration, restart the workers, then retry.',
    { numbers: [18488], loginStates: [18] },
  ),
  denied('loginNotAdmitted', 'the login may not connect', 'Grant it CONNECT SQL, and see that nothing denies it.', {
    loginStates: [11, 12],
  }),
  denied(
    'sqlLoginsOff',
    'the server takes no SQL logins, or the login belongs to a domain it does not trust',
    'Turn on SQL Server authentication (mixed mode), or name a SQL login as `user` of the environment.',
    { numbers: [18450, 18452], loginStates: [6, 58] },
  ),

  // Rights.
  denied(
    'permissionMissing',
    'the login lacks a permission',
    'Grant the permissions that docs/permissions.md lists for this login.',
    { numbers: [229, 230, 262, 297, 300, 371, 378, 916, 1088, 2760, 15247] },
  ),
  denied(
    'databaseReadOnly',
    'the database is read-only',
    'Make the destination writable, or correct its entry in the configuration.',
    { numbers: [3906, 3908] },
  ),
  refused(
    'snapshotNotAllowed',
    'the database does not allow snapshot isolation',
    'Allow it (ALTER DATABASE … SET ALLOW_SNAPSHOT_ISOLATION ON), or refresh without it.',
    { numbers: [3952] },
  ),

  // Data and schema.
  refused(
    'duplicateKey',
    'a row would break a unique index or primary key of the destination',
    'Delete the destination rows first (data: deleteFirst), or match them (data: keep with match).',
    { numbers: [2601, 2627] },
  ),
  refused(
    'constraintViolated',
    'a row would break a foreign key or check constraint of the destination',
    'Look at the constraint named; set the policy of the attribute (unmapped, orphans), or include the entity it refers to.',
    { numbers: [547] },
  ),
  refused(
    'nullNotAllowed',
    'a column of the destination does not take NULL',
    'Choose another policy than setNull for the attribute, or include the entity that it refers to.',
    { numbers: [515] },
  ),
  refused(
    'valueTooLong',
    'a value of the source does not fit the column of the destination',
    'Publish the same version of the module in both environments, or leave the attribute out.',
    { numbers: [2628, 8152] },
  ),
  refused(
    'valueNotConvertible',
    'a value of the source cannot be converted to the type of the destination column',
    'Publish the same version of the module in both environments, or leave the attribute out.',
    { numbers: [220, 241, 242, 245, 295, 8114, 8115] },
  ),
  refused(
    'schemaDiffers',
    'a table or column that the plan rests on is missing',
    'Publish the module again, or start a new refresh: the plan is then made anew.',
    { numbers: [207, 208, 213, 4902] },
  ),
  refused(
    'identityInsert',
    'the identity column does not take the keys that the plan chose',
    'Start a new refresh: the rights or the table have changed since the plan.',
    { numbers: [544, 545, 8101, 8106, 8107] },
  ),
  refused(
    'triggerFailed',
    'a trigger of the destination ended the transaction',
    'Look at the triggers of the table named: one raised an error or rolled back. The product never disables triggers.',
    { numbers: [3616, 3930, 50000] },
  ),
  refused(
    'statementRefused',
    'SQL Server refused a statement of the product',
    'Report it with the number shown: it is a defect of the product or a version that it does not support.',
    { numbers: [102, 156, 195, 334, 468] },
  ),
  retried('serverError', 'SQL Server reported an error', 'Look at the error log of SQL Server; it is tried again.', {}),
];

function entryNamed(code: string): ErrorEntry {
  const found = sqlErrors.find((each) => each.code === code);
  if (found === undefined) throw new Error(`The catalogue has no ${code}.`);
  return found;
}

/** SQL Server error numbers. */
export const numberCatalogue: ReadonlyMap<number, ErrorEntry> = new Map(
  sqlErrors.flatMap((each) => each.numbers.map((number) => [number, each] as const)),
);

/** Codes of tedious, mssql, Node's sockets and TLS. */
export const driverCatalogue: ReadonlyMap<string, ErrorEntry> = new Map(
  sqlErrors.flatMap((each) => each.driverCodes.map((code) => [code, each] as const)),
);

/** Number 18456 by state, where the server tells more than state 1. */
export const loginStateCatalogue: ReadonlyMap<number, ErrorEntry> = new Map(
  sqlErrors.flatMap((each) => each.loginStates.map((state) => [state, each] as const)),
);

/** Numbers that are not listed here: the statement is at fault, unless the severity says the server is. */
export const unknownRefusal: ErrorEntry = entryNamed('statementRefused');
export const unknownFailure: ErrorEntry = entryNamed('serverError');
