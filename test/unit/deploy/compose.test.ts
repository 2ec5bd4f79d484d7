import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DCLinter } from 'dclint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseConfigurationText } from '../../../src/config.js';
import { parseRequest } from '../../../src/request.js';

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly target: string };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly stop_grace_period?: string;
}

const composeText = readFileSync('docker-compose.yml', 'utf8');
const compose = parse(composeText) as { services: Record<string, Service>; volumes: Record<string, unknown> };
const dockerfile = readFileSync('Dockerfile', 'utf8');
const services = Object.entries(compose.services);

interface LintedFile {
  readonly messages: readonly { readonly rule: string; readonly message: string }[];
}

/** Problems that the Compose Specification's schema finds. */
function schemaProblems(path: string): string[] {
  const linter = new DCLinter({ rules: {}, quiet: true, debug: false, exclude: [] });
  // Its declarations import each other in a way that Node's resolution of types does not find.
  const files = linter.lintFiles([path], false) as readonly LintedFile[];
  return files.flatMap(({ messages }) =>
    messages.filter(({ rule }) => rule.startsWith('invalid-')).map(({ message }) => message),
  );
}

describe('docker-compose.yml', () => {
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'refresh-compose-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('follows the Compose Specification', () => {
    expect(schemaProblems('docker-compose.yml')).toEqual([]);
    const broken = join(folder, 'docker-compose.yml');
    writeFileSync(broken, composeText.replace('healthcheck:', 'helthcheck:'));
    expect(schemaProblems(broken)).not.toEqual([]);
  });

  it.each(services)('%s names only what is there', (_name, service) => {
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      expect(compose.services[other]).toBeDefined();
      if (condition === 'service_healthy') expect(compose.services[other]?.healthcheck).toBeDefined();
    }
    for (const volume of service.volumes ?? []) {
      const [from = ''] = volume.split(':');
      expect(from.startsWith('./') ? existsSync(from) : from in compose.volumes, from).toBe(true);
    }
    if (service.build === undefined) expect(service.image).toMatch(/^[\w./-]+:[\w.-]+$/);
    else expect(dockerfile).toMatch(new RegExp(`^FROM .* AS ${service.build.target}$`, 'm'));
  });

  it('publishes ports on this machine only', () => {
    for (const [, { ports = [] }] of services) for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it('takes every password from variables that the example lists', () => {
    const asked = [...composeText.matchAll(/\$\{(\w+)/g)].map(([, name]) => name);
    const listed = [...readFileSync('deploy/compose/env.example', 'utf8').matchAll(/^(\w+)=$/gm)].map(
      ([, name]) => name,
    );
    expect([...new Set(asked)].sort()).toEqual(listed.sort());
  });

  it('starts the sample loader with options and variables that it has', () => {
    const entry = /^FROM build AS samples$[\s\S]*?^ENTRYPOINT .*"(sandbox\/\S+)"\]$/m.exec(dockerfile)?.[1] ?? '';
    const script = readFileSync(entry, 'utf8');
    const { command = [], environment = {} } = compose.services['samples'] ?? {};
    for (const argument of command) expect(script).toContain(`'${argument.split('=')[0]} <`);
    for (const variable of Object.keys(environment)) expect(script).toContain(`'${variable}'`);
  });

  it('gives the worker a configuration that it can read, of the services that are there', () => {
    const environment = compose.services['worker']?.environment ?? {};
    const path = environment['REFRESH_CONFIG']?.replace(/^\/app\//, '') ?? '';
    const configuration = parseConfigurationText(readFileSync(path, 'utf8'), environment);
    for (const { server, maintenance } of Object.values(configuration.environments)) {
      expect(compose.services[server]).toBeDefined();
      if (maintenance.mode === 'http') {
        const { hostname, port } = new URL(maintenance.url);
        expect(compose.services[hostname]?.command).toContain(`--serve=${port}`);
      }
    }
    const request = parseRequest(JSON.parse(readFileSync('deploy/compose/request.json', 'utf8')));
    expect(Object.keys(configuration.environments)).toEqual(
      expect.arrayContaining([request.source, request.destination]),
    );
  });
});

describe('the Dockerfile', () => {
  it('copies what is there, runs as no root and starts what is built', () => {
    for (const [, from = ''] of dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)) {
      for (const path of from.split(' ')) expect(existsSync(path), path).toBe(true);
    }
    const final = dockerfile.slice(dockerfile.lastIndexOf('\nFROM'));
    expect(final).toMatch(/^USER node$/m);
    expect(final).toMatch(/^HEALTHCHECK /m);
    const { bin } = JSON.parse(readFileSync('package.json', 'utf8')) as { bin: Record<string, string> };
    expect(final).toContain(`ENTRYPOINT ["node", "/app/${bin['refresh']}"]`);
    expect(dockerfile).toContain('npm ci --omit=dev --ignore-scripts');
  });

  it('builds what the compiled product consists of', () => {
    const { include } = JSON.parse(readFileSync('tsconfig.build.json', 'utf8')) as { include: string[] };
    for (const folder of include) expect(dockerfile).toContain(`COPY ${folder} ${folder}\n`);
  });
});
