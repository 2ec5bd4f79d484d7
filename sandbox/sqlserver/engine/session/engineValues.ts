import type { SqlValue } from '../api.js';
import { currentDatetime, currentDatetime2 } from '../clock.js';
import type { EngineValue } from '../translate/result.js';
import type { Session } from './session.js';
import { optionBits } from './settings.js';

export const serverVersion =
  'Microsoft SQL Server 2022 (RTM) - 16.0.1000.6 (X64) - sandbox on PostgreSQL, not Microsoft SQL Server';

/** Value of a system function or variable when a statement starts. */
export function engineValue(session: Session, value: EngineValue): SqlValue {
  const { settings, frame } = session;
  switch (value) {
    case 'GETDATE':
    case 'GETUTCDATE':
      return currentDatetime();
    case 'SYSDATETIME':
    case 'SYSUTCDATETIME':
      return currentDatetime2();
    case '@@ROWCOUNT':
      return session.rowCount;
    case '@@ERROR':
      return session.lastError;
    case '@@TRANCOUNT':
      return session.transactions.count;
    case '@@SPID':
      return session.spid;
    case '@@IDENTITY':
      return session.lastIdentity;
    case '@@SERVERNAME':
      return session.core.serverName;
    case '@@SERVICENAME':
      return 'MSSQLSERVER';
    case '@@VERSION':
      return serverVersion;
    case '@@OPTIONS':
      return optionBits(settings);
    case '@@LOCK_TIMEOUT':
      return settings.lockTimeout;
    case '@@NESTLEVEL':
      return frame?.nestLevel ?? 0;
    case '@@TEXTSIZE':
      return settings.textSize;
    case '@@LANGUAGE':
      return settings.language;
    case '@@DATEFIRST':
      return settings.dateFirst;
    case '@@MAX_PRECISION':
      return 38;
    case '@@FETCH_STATUS':
    case '@@PROCID':
      return 0;
    case '@@DBTS':
      return null;
    case 'SCOPE_IDENTITY':
      return frame?.scopeIdentity ?? null;
    case 'XACT_STATE':
      return session.transactions.state;
    case 'CURRENT_TRANSACTION_ID':
      return session.transactions.descriptor;
    case 'DB_NAME':
      return session.database.name;
    case 'DB_ID':
      return session.database.id;
    case 'DEFAULT_SCHEMA':
      return session.defaultSchema;
    case 'USER_NAME':
      return session.user.name;
    case 'USER_ID':
      return session.user.id;
    case 'SUSER_NAME':
    case 'ORIGINAL_LOGIN':
      return session.login.name;
    case 'SUSER_ID':
      return session.login.id;
    case 'HOST_NAME':
      return session.facts.hostName;
    case 'APP_NAME':
      return session.facts.applicationName;
    case 'CONTEXT_INFO':
      return session.contextInfo;
    case 'ERROR_NUMBER':
      return frame?.currentError?.number ?? null;
    case 'ERROR_MESSAGE':
      return frame?.currentError?.message ?? null;
    case 'ERROR_SEVERITY':
      return frame?.currentError?.class ?? null;
    case 'ERROR_STATE':
      return frame?.currentError?.state ?? null;
    case 'ERROR_LINE':
      return frame?.currentError?.line ?? null;
    case 'ERROR_PROCEDURE':
      return frame?.currentError?.procedure === '' ? null : (frame?.currentError?.procedure ?? null);
    case 'TRIGGER_NESTLEVEL':
      return frame?.triggerNestLevel ?? 0;
    case 'APPLICATION_LOCKS':
      return session.core.applicationLocks.describe();
  }
}
