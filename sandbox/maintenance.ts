import { qaDatabase, type Sandbox } from './environment.js';
import { setApplicationsEnabled } from './factories/index.js';
import { connect } from './factories/write/connection.js';

/** What an operator does in Service Center: disables or enables applications of the sandbox's QA environment. */
export async function setApplicationsInQa(
  { sqlServer, secrets }: Pick<Sandbox, 'sqlServer' | 'secrets'>,
  applications: readonly string[],
  enabled: boolean,
): Promise<void> {
  const address = {
    server: sqlServer.host,
    port: sqlServer.port,
    user: 'sa',
    password: secrets.SANDBOX_SA_PASSWORD,
    encrypt: true,
  };
  const pool = await connect(address, qaDatabase);
  try {
    await setApplicationsEnabled(pool, applications, enabled);
  } finally {
    await pool.close();
  }
}
