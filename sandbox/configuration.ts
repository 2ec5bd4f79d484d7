import { stringify } from 'yaml';

export interface SampleServer {
  readonly host: string;
  readonly port: number;
  readonly productionDatabase: string;
  readonly qaDatabase: string;
}

/** Logins that the factories create. */
export const productionLogin = 'prod_reader';
export const qaLogin = 'qa_refresh';

/** The configuration (contract) that names the two sample environments; passwords come from variables. */
export function sampleConfiguration(server: SampleServer, temporalAddress: string): object {
  const connection = { server: server.host, port: server.port, trustServerCertificate: true };
  return {
    temporal: { address: temporalAddress },
    environments: {
      production: {
        purpose: 'production',
        ...connection,
        database: server.productionDatabase,
        user: productionLogin,
        password: '${PROD_PASSWORD}',
      },
      qa: {
        purpose: 'non-production',
        ...connection,
        database: server.qaDatabase,
        user: qaLogin,
        password: '${QA_PASSWORD}',
        maintenance: { mode: 'confirm' },
      },
    },
  };
}

export function sampleConfigurationText(server: SampleServer, temporalAddress: string): string {
  const head = '# Written by the sandbox. The variables are in the file env beside this one.\n';
  return head + stringify(sampleConfiguration(server, temporalAddress));
}
