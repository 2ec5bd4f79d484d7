import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { tsxArguments } from '../../sandbox/processes.js';
import { startServiceCenter } from '../../sandbox/serviceCenter.js';
import { parseConfigurationText } from '../../src/config.js';
import type { DocumentedLogin } from './permissionScripts.js';
import type { PreparedEnvironments } from './preparedEnvironments.js';
import { testServer } from './sqlServer.js';

/** The same environments, with settings of the configuration changed and variables added for a process. */
function reconfigured(
  prepared: PreparedEnvironments,
  changes: { readonly production?: object; readonly qa?: object },
  more: Readonly<Record<string, string>>,
): PreparedEnvironments {
  const given = parse(prepared.configurationText) as { environments: { production: object; qa: object } };
  const { production, qa } = given.environments;
  const environments = { production: { ...production, ...changes.production }, qa: { ...qa, ...changes.qa } };
  return configured(prepared, { ...given, environments }, { ...prepared.variables, ...more });
}

function configured(
  prepared: PreparedEnvironments,
  given: object,
  variables: Readonly<Record<string, string>>,
): PreparedEnvironments {
  const configurationText = stringify(given);
  const configuration = parseConfigurationText(configurationText, variables);
  return { ...prepared, configurationText, configuration, variables };
}

/** QA under another name, so that its runs have ids of their own on the Temporal server that all tests share. */
export function destinationNamed(prepared: PreparedEnvironments, name: string): PreparedEnvironments {
  const given = parse(prepared.configurationText) as { environments: { production: object; qa: object } };
  const { production, qa } = given.environments;
  return configured(prepared, { ...given, environments: { production, [name]: qa } }, prepared.variables);
}

/** Applications of QA are disabled and enabled by a program, so what a run does about them can be seen. */
export function withMaintenanceProgram(prepared: PreparedEnvironments): PreparedEnvironments {
  const program = fileURLToPath(new URL('../../sandbox/factories/maintenance.ts', import.meta.url));
  const maintenance = { mode: 'command', command: [process.execPath, ...tsxArguments(), program] };
  const { server, port, user, password } = testServer();
  return reconfigured(
    prepared,
    { qa: { maintenance } },
    {
      MAINTENANCE_SERVER: server,
      MAINTENANCE_PORT: String(port),
      MAINTENANCE_USER: user,
      MAINTENANCE_PASSWORD: password,
      MAINTENANCE_DATABASE: prepared.factories.qa.database,
    },
  );
}

/**
 * Applications of QA are disabled and enabled by an HTTP endpoint of this process, which costs less than a program each time.
 * @param prepared without a scheduler: the endpoint brings its own
 */
export async function withMaintenanceEndpoint(prepared: PreparedEnvironments): Promise<PreparedEnvironments> {
  const center = await startServiceCenter(testServer(), prepared.factories.qa.database, 0);
  const maintenance = { mode: 'http', url: `http://127.0.0.1:${center.port}` };
  return {
    ...reconfigured(prepared, { qa: { maintenance } }, {}),
    async drop() {
      await center.stop();
      await prepared.drop();
    },
  };
}

/** The environments as other logins see them; `more` are further settings of the destination. */
export function environmentsAs(
  prepared: PreparedEnvironments,
  logins: { readonly production: DocumentedLogin; readonly qa: DocumentedLogin },
  more: object = {},
): PreparedEnvironments {
  return reconfigured(
    prepared,
    { production: { user: logins.production.user }, qa: { user: logins.qa.user, ...more } },
    { PROD_PASSWORD: logins.production.password, QA_PASSWORD: logins.qa.password },
  );
}
