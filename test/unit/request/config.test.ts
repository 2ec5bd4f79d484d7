import { describe, expect, it } from 'vitest';
import { environmentNamed, loadConfiguration, parseConfigurationText, temporalSettings } from '../../../src/config.js';

const text = `
temporal: { namespace: refreshes }
environments:
  production: { purpose: production, server: sql.example, database: prod, user: reader, password: "\${PROD_PASSWORD}" }
  qa: { purpose: non-production, server: qa.example, port: "\${QA_PORT}", database: qa, user: owner, password: "a\$\${b", encrypt: "\${QA_ENCRYPT}" }
`;
const variables = { PROD_PASSWORD: 'pw', QA_PORT: '14330', QA_ENCRYPT: 'false' };

describe('the configuration', () => {
  it('takes secrets and settings from variables and fills in defaults', () => {
    const configuration = parseConfigurationText(text, variables);
    expect(environmentNamed(configuration, 'production')).toMatchObject({
      port: 1433,
      password: 'pw',
      encrypt: true,
      allowWritableSource: false,
      maintenance: { mode: 'confirm' },
      state: { schema: 'refresh' },
    });
    expect(environmentNamed(configuration, 'qa')).toMatchObject({ port: 14330, password: 'a${b', encrypt: false });
  });

  it('names a variable that is not set, and where it is needed, in one message', () => {
    expect(() => parseConfigurationText(text, { QA_PORT: '1', QA_ENCRYPT: 'true' })).toThrow(
      'The configuration is not complete: environments.production.password needs the variable PROD_PASSWORD, which is not set.',
    );
  });

  it('refuses unknown keys and modes with what is valid, and never shows a secret', () => {
    const wrong = text.replace('server: sql.example', 'sever: sql.example');
    expect(() => parseConfigurationText(wrong, variables)).toThrow(
      /environments.production.sever: unknown key \(did you mean server\?\)/,
    );
    expect(() => parseConfigurationText(wrong, variables)).not.toThrow(/pw/);
    expect(() =>
      parseConfigurationText(
        `${text}\n  x: { purpose: non-production, server: s, database: d, user: u, password: p, maintenance: { mode: command } }`,
        variables,
      ),
    ).toThrow(/environments.x.maintenance.command: is missing/);
  });

  it('that cannot be read says how to name one', () => {
    expect(() => loadConfiguration('/nowhere/refresh.yaml', {})).toThrow(/\/nowhere\/refresh.yaml cannot be read/);
  });

  it('suggests the nearest environment for a wrong name', () => {
    expect(() => environmentNamed(parseConfigurationText(text, variables), 'prod')).toThrow(
      'no environment named prod (nearest: production)',
    );
  });

  it('gives way to flags and to the environment for Temporal, in this order', () => {
    const configuration = parseConfigurationText(text, variables);
    expect(temporalSettings(configuration, {}, {})).toEqual({
      address: '127.0.0.1:7233',
      namespace: 'refreshes',
      taskQueue: 'refresh',
    });
    expect(temporalSettings(configuration, {}, { namespace: 'env' }).namespace).toBe('env');
    expect(temporalSettings(configuration, { namespace: 'flag' }, { namespace: 'env' }).namespace).toBe('flag');
  });
});
