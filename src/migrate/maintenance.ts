import { execFile } from 'node:child_process';
import type { MaintenanceConfiguration } from '../config.js';
import type { PlannedApplication } from '../plan/refreshPlan.js';
import { RefreshError } from '../sqlserver/errors.js';

/**
 * How the destination's applications are disabled and enabled. OutSystems has no public API for it (facts 7), so it is
 * the operator in Service Center (`confirm`), or a program or endpoint of the customer's.
 */
export interface Maintenance {
  readonly mode: MaintenanceConfiguration['mode'];
  /**
   * Idempotent: may be called again for applications already in that state. Resolves when they are.
   * @throws RefreshError that is retried
   */
  apply(action: MaintenanceAction, applications: readonly PlannedApplication[], signal: AbortSignal): Promise<void>;
}

export type MaintenanceAction = 'disable' | 'enable';

/** What the program reads on its standard input and the endpoint in the request's body. */
interface MaintenanceOrder {
  readonly action: MaintenanceAction;
  readonly environment: string;
  readonly applications: readonly { readonly key: string; readonly name: string }[];
}

export function maintenanceOf(settings: MaintenanceConfiguration, environment: string): Maintenance {
  return {
    mode: settings.mode,
    async apply(action, applications, signal) {
      const order: MaintenanceOrder = {
        action,
        environment,
        applications: applications.map(({ key, name }) => ({ key, name })),
      };
      if (settings.mode === 'command') await runCommand(settings, order, signal);
      if (settings.mode === 'http') await callEndpoint(settings, order, signal);
    },
  };
}

function failure(action: MaintenanceAction, why: string): RefreshError {
  return new RefreshError(
    'maintenanceFailed',
    'Infrastructure',
    `the maintenance ${why} while it was to ${action} the applications`,
    'Look at the log of the program or endpoint that `maintenance` names; it is called again.',
  );
}

/** The program gets the action as its last argument and the order as JSON on standard input; exit code 0 means done. */
async function runCommand(
  settings: Extract<MaintenanceConfiguration, { mode: 'command' }>,
  order: MaintenanceOrder,
  signal: AbortSignal,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const [program, ...given] = settings.command;
    const child = execFile(program!, [...given, order.action], { timeout: settings.timeout, signal }, (error) => {
      if (error === null) resolve();
      else reject(failure(order.action, `program ended with ${error.code ?? 'a signal'}`));
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(JSON.stringify(order));
  });
}

/** The endpoint gets the order as a JSON POST; any 2xx status means done. */
async function callEndpoint(
  settings: Extract<MaintenanceConfiguration, { mode: 'http' }>,
  order: MaintenanceOrder,
  signal: AbortSignal,
): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(settings.timeout)]);
  let status: number;
  try {
    const response = await fetch(settings.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...settings.headers },
      body: JSON.stringify(order),
      signal: limit,
      redirect: 'error',
    });
    status = response.status;
    await response.body?.cancel();
  } catch {
    throw failure(order.action, 'endpoint could not be reached');
  }
  if (status < 200 || status > 299) throw failure(order.action, `endpoint answered ${status}`);
}
