/** Makes of two environments what a seed's circumstances say. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentNamed } from '../../src/config.js';
import { createState } from '../../src/migrate/state/createState.js';
import { findStateTables } from '../../src/migrate/state/stateTables.js';
import { DestinationSession } from '../../src/sqlserver/session.js';
import { environmentsAs } from '../support/environmentsAs.js';
import { documentedLogin, dropLogins, type DocumentedLogin } from '../support/permissionScripts.js';
import type { PreparedEnvironments } from '../support/preparedEnvironments.js';
import { uniqueName } from '../support/sqlServer.js';
import { passwords } from '../sql/factories/support.js';
import { userMapFile, type Circumstances } from './randomRequest.js';

/** Changes the destination before anybody looks at it. */
export async function changeDestination({ qa }: PreparedEnvironments, circumstances: Circumstances): Promise<void> {
  const { options, otherTenant, people } = circumstances;
  const statements: string[] = [];
  if (otherTenant) statements.push("UPDATE dbo.OSSYS_TENANT SET NAME = N'Elsewhere' WHERE NAME = N'Other'");
  if (options.users.match.includes('email'))
    statements.push("UPDATE dbo.OSSYS_USER SET EMAIL = REPLACE(EMAIL, N'qa.', N'') WHERE ID % 3 <> 0");
  if (people.otherLogins)
    statements.push("UPDATE dbo.OSSYS_USER SET USERNAME = CONCAT(N'q-', USERNAME) WHERE EXTERNAL_ID <> N''");
  for (const statement of statements) await qa.request().batch(statement);
}

/** The environments as the login of a seed's circumstances sees them. */
export class CircumstancedEnvironments {
  private constructor(
    readonly environments: PreparedEnvironments,
    private readonly folder: string,
    private readonly login: DocumentedLogin | null,
  ) {}

  static async open(prepared: PreparedEnvironments, { people }: Circumstances): Promise<CircumstancedEnvironments> {
    const folder = await mkdtemp(join(tmpdir(), 'random-refresh-'));
    const inFolder = (environments: PreparedEnvironments): PreparedEnvironments => ({
      ...environments,
      configuration: { ...environments.configuration, folder },
    });
    if (people.login === 'owner') return new CircumstancedEnvironments(inFolder(prepared), folder, null);
    const production = { user: 'prod_reader', password: passwords.prod_reader };
    if (people.login === 'applicationTables') {
      await createStateFor('qa_writer', prepared);
      const qa = { user: 'qa_writer', password: passwords.qa_writer };
      return new CircumstancedEnvironments(inFolder(environmentsAs(prepared, { production, qa })), folder, null);
    }
    const qa = await documentedLogin(people.login, prepared.factories.qa.database, uniqueName('random'));
    return new CircumstancedEnvironments(inFolder(environmentsAs(prepared, { production, qa })), folder, qa);
  }

  async writeUserMap(text: string): Promise<void> {
    await writeFile(join(this.folder, userMapFile), text);
  }

  /** Drops the environments, too. */
  async drop(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
    await this.environments.drop();
    if (this.login !== null) await dropLogins([this.login]);
  }
}

/** An administrator has created the state tables by a refresh of his own (docs/permissions.md). */
async function createStateFor(login: string, { configuration, qa }: PreparedEnvironments): Promise<void> {
  const environment = environmentNamed(configuration, 'qa');
  const session = await DestinationSession.open(environment);
  try {
    await createState(session, await findStateTables(session, environment.state));
  } finally {
    session.close();
  }
  await qa.request().batch(`GRANT SELECT, INSERT, UPDATE, DELETE ON SCHEMA::refresh TO [${login}]`);
}
