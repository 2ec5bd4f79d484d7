import type { EnvironmentConfiguration } from '../config.js';
import { BadInputError } from '../plan/badInput.js';
import { classifyError, type RefreshError } from '../sqlserver/errors.js';
import { openReadPool, type ReadPool } from '../sqlserver/readPool.js';

/** An environment that does not let itself be read, told by the name that the operator gave it. */
export class EnvironmentUnreachableError extends BadInputError {
  /** What the driver met; `cause.retried` tells whether another attempt may mend it. */
  override readonly cause: RefreshError;

  constructor(environment: string, settings: EnvironmentConfiguration, cause: RefreshError) {
    const place = `${settings.server}:${settings.port}, database ${settings.database}, login ${settings.user}`;
    super(
      'ENVIRONMENT_UNREACHABLE',
      `The environment ${environment} cannot be read: ${cause.message} (${place}).`,
      remedyFor(environment, cause),
    );
    this.cause = cause;
  }
}

/**
 * Opens a pool of read-only connections to an environment of the configuration.
 * @throws EnvironmentUnreachableError if the server cannot be reached, refuses the login, or lacks the database
 */
export async function openEnvironment(name: string, settings: EnvironmentConfiguration): Promise<ReadPool> {
  try {
    return await openReadPool(settings);
  } catch (error) {
    throw new EnvironmentUnreachableError(name, settings, classifyError(error));
  }
}

/** What to correct; never that something is tried again, since whoever reads this waits for no other attempt. */
function remedyFor(environment: string, cause: RefreshError): string {
  if (!cause.retried) return cause.remedy;
  const entry = `environments.${environment}`;
  if (cause.code === 'databaseUnavailable') {
    return `Check \`database\` of ${entry} in the configuration, that it is online, and that the login may use it.`;
  }
  return `Check \`server\` and \`port\` of ${entry} in the configuration, that SQL Server runs there, and that it can be reached from here.`;
}
