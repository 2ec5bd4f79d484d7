import { expect } from 'vitest';
import { readApplicationsEnabled } from '../../sandbox/factories/applicationState.js';
import { recruitingFactory } from '../../sandbox/factories/recruitingFactory.js';
import type { FactoryModel } from '../../sandbox/factories/model.js';
import type { RunStatus } from '../../src/contract.js';
import { foresee } from './foreseen.js';
import { destinationNamed, environmentsAs, withMaintenanceProgram } from './environmentsAs.js';
import { documentedLogin, dropLogins, type DocumentedLogin } from './permissionScripts.js';
import { preparedEnvironments, type PreparedEnvironments } from './preparedEnvironments.js';
import { expectExit } from './commandHere.js';
import { RefreshRig } from './refreshRig.js';
import { uniqueName } from './sqlServer.js';

/** @param destination a name of the test file's own: runs on the Temporal server that all share are called after it */
export function requestFor(destination: string) {
  return { source: 'production', destination, scope: { applications: ['Recruiting'] } };
}

/** What is refreshed; a module with the state may be in QA besides, and belongs to nothing. */
export const model = recruitingFactory();

/** Both environments, seen by logins with the rights that scripts of deploy/permissions give and no others. */
export interface LeastRights {
  readonly environments: PreparedEnvironments;
  readonly rig: RefreshRig;
  stop(): Promise<void>;
}

/**
 * @param destination what QA is called, as in requestFor()
 * @param script of QA's login
 * @param more what QA has besides, and further settings of it
 */
export async function startWithLeastRights(
  destination: string,
  script: string,
  more: { readonly model?: FactoryModel; readonly settings?: object } = {},
): Promise<LeastRights> {
  const undo: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const each of undo.splice(0).reverse()) await each();
  };
  const loginOf = async (name: string, database: string): Promise<DocumentedLogin> => {
    const login = await documentedLogin(name, database, uniqueName('documented'));
    undo.push(() => dropLogins([login]));
    return login;
  };
  try {
    const environments = withMaintenanceProgram(await preparedEnvironments({ rows: 30, model: more.model ?? model }));
    undo.push(() => environments.drop());
    const { production, qa } = environments.factories;
    const logins = { production: await loginOf('source', production.database), qa: await loginOf(script, qa.database) };
    const limited = destinationNamed(environmentsAs(environments, logins, more.settings), destination);
    const rig = await RefreshRig.start(limited);
    undo.push(() => rig.stop());
    return { environments, rig, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Refreshes, and compares the destination with the image of production. */
export async function expectWholeRefresh(
  rig: RefreshRig,
  environments: PreparedEnvironments,
  destination: string,
): Promise<void> {
  const foreseen = await foresee(environments, 'Recruiting');
  const file = await rig.file('request.yaml', JSON.stringify(requestFor(destination)));
  expectExit(await rig.command('start', '-f', file, '--wait', '--approve', 'all'), 0);
  expect(await foreseen.found()).toEqual(foreseen.expected);
  const states = await readApplicationsEnabled(environments.qa);
  expect([...states].filter(([, enabled]) => !enabled)).toEqual([]);
  const status = await rig.command('status', `refresh-${destination}`, '--json');
  expect((JSON.parse(status.output) as RunStatus).state).toBe('done');
}

/** Tables that the refresh has created: everything in QA that is in no schema of the platform. */
export async function tablesOfItsOwn(environments: PreparedEnvironments): Promise<number> {
  const { recordset } = await environments.qa
    .request()
    .query<{ n: number }>("SELECT COUNT(*) AS n FROM sys.tables WHERE SCHEMA_NAME(schema_id) <> N'dbo'");
  return Number(recordset[0]?.n);
}
