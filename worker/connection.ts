import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import { temporalSettings, type Configuration, type TemporalSettings } from '../src/config.js';
import { BadInputError } from '../src/plan/badInput.js';

export interface WorkerConnection {
  readonly connection: NativeConnection;
  readonly settings: TemporalSettings;
}

/**
 * Connects as the flags, Temporal's environment configuration (TEMPORAL_* variables, or a profile of its file: address,
 * namespace, TLS, API key), the file and the defaults say, in this order.
 *
 * @throws BadInputError (TEMPORAL_UNREACHABLE) when nothing answers
 */
export async function connectWorker(
  configuration: Configuration,
  flags: { readonly [K in keyof TemporalSettings]?: string | undefined },
): Promise<WorkerConnection> {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  const environment = { address: connectionOptions.address, namespace, taskQueue: undefined };
  const settings = temporalSettings(configuration, flags, environment);
  try {
    const connection = await NativeConnection.connect({ ...connectionOptions, address: settings.address });
    return { connection, settings };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BadInputError(
      'TEMPORAL_UNREACHABLE',
      `Temporal does not answer at ${settings.address} (${reason}).`,
      'Start its server, or name another with --address, TEMPORAL_ADDRESS or temporal.address of the configuration; check TLS and API key.',
    );
  }
}

/** Whether the namespace knows all these search attributes; false where this client may not ask. */
export async function knowsSearchAttributes(
  { connection, settings }: WorkerConnection,
  names: readonly string[],
): Promise<boolean> {
  try {
    const { namespace } = settings;
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    return names.every((name) => name in customAttributes);
  } catch {
    return false;
  }
}
