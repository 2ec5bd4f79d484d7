import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { sampleConfigurationText } from '../../../../sandbox/configuration.js';
import { newPassword } from '../../../../sandbox/secrets.js';
import { environmentNamed, parseConfigurationText } from '../../../../src/config.js';
import { parseRequest } from '../../../../src/request.js';
import { parseYaml } from '../../../../src/schemaProblems.js';

const server = { host: '127.0.0.1', port: 14330, productionDatabase: 'p', qaDatabase: 'q' };

describe('the sample configuration', () => {
  const text = sampleConfigurationText(server, '127.0.0.1:17233');

  it('is one that the product reads, with passwords from variables only', () => {
    const configuration = parseConfigurationText(text, { PROD_PASSWORD: 'secret 1', QA_PASSWORD: 'secret 2' });
    expect(configuration.temporal.address).toBe('127.0.0.1:17233');
    expect(environmentNamed(configuration, 'production')).toMatchObject({
      purpose: 'production',
      password: 'secret 1',
    });
    expect(environmentNamed(configuration, 'qa')).toMatchObject({
      purpose: 'non-production',
      port: 14330,
      database: 'q',
    });
    expect(text).not.toContain('secret');
  });

  it('names the environments of the sample request', () => {
    const file = fileURLToPath(new URL('../../../../sandbox/sample-request.yaml', import.meta.url));
    const request = parseRequest(parseYaml(readFileSync(file, 'utf8'), 'request'));
    expect(text).toContain(`${request.source}:`);
    expect(text).toContain(`${request.destination}:`);
  });
});

describe('newPassword', () => {
  it("satisfies SQL Server's password policy and needs no quoting in a shell", () => {
    for (let i = 0; i < 100; i++) expect(newPassword()).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[\w-]{20,}$/);
    expect(newPassword()).not.toBe(newPassword());
  });
});
