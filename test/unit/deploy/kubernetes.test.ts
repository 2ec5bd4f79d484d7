import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { msToNumber } from '@temporalio/common';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { parseConfigurationText } from '../../../src/config.js';
import { shutdownForceTime } from '../../../worker/tuning.js';

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly scaleTargetRef?: { readonly name: string };
    readonly selector?: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template?: {
      readonly metadata: {
        readonly labels: Readonly<Record<string, string>>;
        readonly annotations: Readonly<Record<string, string>>;
      };
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly securityContext: object;
        readonly containers: readonly Container[];
        readonly volumes: readonly { readonly name: string; readonly configMap?: { readonly name: string } }[];
      };
    };
  };
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

interface Container {
  readonly image: string;
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: unknown }[];
  readonly envFrom: readonly { readonly secretRef: { readonly name: string } }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  readonly resources: { readonly limits: { readonly memory: string } };
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
}

const folder = 'deploy/kubernetes';
const manifests = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .flatMap((name) =>
    parseAllDocuments(readFileSync(join(folder, name), 'utf8')).map((each) => each.toJS() as Manifest),
  );

function only(kind: string, name?: string): Manifest {
  const found = manifests.filter((each) => each.kind === kind && (name === undefined || each.metadata.name === name));
  expect(found).toHaveLength(1);
  return found[0]!;
}

const pod = only('Deployment').spec!.template!.spec;
const container = pod.containers[0]!;

it('Kubernetes gives a worker longer to end than the worker gives its work', () => {
  expect(pod.terminationGracePeriodSeconds * 1000).toBeGreaterThan(msToNumber(shutdownForceTime));
});

it('probes and scrapes where the worker serves its metrics', () => {
  const [command, flag, address] = container.args;
  expect([command, flag]).toEqual(['worker', '--metrics']);
  const port = Number(address?.split(':')[1]);
  expect(container.ports).toEqual([{ name: 'metrics', containerPort: port }]);
  for (const { httpGet } of [container.startupProbe, container.livenessProbe])
    expect(httpGet).toMatchObject({ path: '/metrics', port: 'metrics' });
  expect(only('Deployment').spec!.template!.metadata.annotations['prometheus.io/port']).toBe(String(port));
});

it('runs the image of this version, and keeps the heap below the memory that it may take', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(container.image.split(':').at(-1)).toBe(version);
  const options = container.env.find(({ name }) => name === 'NODE_OPTIONS')?.value ?? '';
  const heap = Number(/^--max-old-space-size=(\d+)$/.exec(options)?.[1]);
  const limit = Number(/^(\d+)Gi$/.exec(container.resources.limits.memory)?.[1]) * 1024;
  expect(heap / limit).toBeGreaterThan(0.7);
  expect(heap / limit).toBeLessThan(0.85);
});

it('selects the pods that it makes', () => {
  const { labels } = only('Deployment').spec!.template!.metadata;
  for (const kind of ['Deployment', 'PodDisruptionBudget'])
    expect(labels).toMatchObject(only(kind).spec!.selector!.matchLabels);
  expect(new Set(manifests.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['refresh']));
});

it('gives the worker a configuration whose variables are secrets', () => {
  const variables = Object.fromEntries(
    container.envFrom.flatMap(({ secretRef }) =>
      Object.keys(only('Secret', secretRef.name).stringData ?? {}).map((name) => [name, 'x']),
    ),
  );
  const [file, text] = Object.entries(only('ConfigMap').data ?? {})[0] ?? [];
  const mount = container.volumeMounts.find(({ name }) => name === 'configuration');
  expect(container.env.find(({ name }) => name === 'REFRESH_CONFIG')?.value).toBe(`${mount?.mountPath}/${file}`);
  expect(pod.volumes.find(({ name }) => name === 'configuration')?.configMap?.name).toBe(
    only('ConfigMap').metadata.name,
  );
  expect(Object.keys(parseConfigurationText(text ?? '', variables).environments)).toEqual(['production', 'qa']);
});

it('scales the deployment that there is, and holds no password', () => {
  expect(only('HorizontalPodAutoscaler').spec?.scaleTargetRef?.name).toBe(only('Deployment').metadata.name);
  for (const value of Object.values(only('Secret').stringData ?? {})) expect(value).toBe('change-me');
});
