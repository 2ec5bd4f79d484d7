import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { taskQueueDefault } from './contract.js';
import { nearestHint } from './nearestName.js';
import { BadInputError } from './plan/badInput.js';
import { duration } from './quantities.js';
import { checkAgainst, parseYaml } from './schemaProblems.js';

/** Variables of the process environment arrive as text. */
const flag = z.preprocess((value) => (value === 'true' ? true : value === 'false' ? false : value), z.boolean());
const port = z.preprocess(
  (value) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value),
  z.int().min(1).max(65_535),
);

const maintenanceSchema = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('confirm') }),
  z.strictObject({
    mode: z.literal('command'),
    command: z.array(z.string().min(1)).min(1),
    timeout: duration.prefault('10m'),
  }),
  z.strictObject({
    mode: z.literal('http'),
    url: z.url(),
    headers: z.record(z.string(), z.string()).default({}),
    timeout: duration.prefault('10m'),
  }),
]);

const stateSchema = z.union([
  z.strictObject({ schema: z.string().min(1) }),
  z.strictObject({ espace: z.string().min(1) }),
]);

const environmentSchema = z.strictObject({
  purpose: z.enum(['production', 'non-production']),
  server: z.string().min(1),
  port: port.default(1433),
  database: z.string().min(1),
  user: z.string().min(1),
  password: z.string(),
  encrypt: flag.default(true),
  trustServerCertificate: flag.default(false),
  readOnlyIntent: flag.default(false),
  /** As a source: accept a login that could write. */
  allowWritableSource: flag.default(false),
  maintenance: maintenanceSchema.prefault({ mode: 'confirm' }),
  state: stateSchema.prefault({ schema: 'refresh' }),
});

const temporalSchema = z.strictObject({
  address: z.string().min(1).optional(),
  namespace: z.string().min(1).optional(),
  taskQueue: z.string().min(1).optional(),
});

/** The configuration (contract). */
export const configurationSchema = z.strictObject({
  temporal: temporalSchema.prefault({}),
  environments: z.record(z.string().min(1), environmentSchema),
});

export type Configuration = z.output<typeof configurationSchema> & {
  /** Where the file lies: files that requests name lie there too. Absent if it was not read from a file. */
  readonly folder?: string;
};
export type EnvironmentConfiguration = z.output<typeof environmentSchema>;
export type MaintenanceConfiguration = z.output<typeof maintenanceSchema>;
export type StateConfiguration = z.output<typeof stateSchema>;

export interface TemporalSettings {
  readonly address: string;
  readonly namespace: string;
  readonly taskQueue: string;
}

/** File to read when neither --config nor REFRESH_CONFIG names one. */
export const defaultConfigurationFile = 'refresh.yaml';

/**
 * Reads the configuration file: the one given, else REFRESH_CONFIG, else refresh.yaml here.
 * Throws BadInputError if it cannot be read, does not parse, or names a variable that is not set.
 */
export function loadConfiguration(path: string | undefined, variables: NodeJS.ProcessEnv): Configuration {
  const file = path ?? (variables['REFRESH_CONFIG'] || defaultConfigurationFile);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new BadInputError(
      'CONFIG_UNREADABLE',
      `The configuration file ${file} cannot be read.`,
      'Name an existing file with --config or REFRESH_CONFIG, or write refresh.yaml in this directory.',
    );
  }
  return { ...parseConfigurationText(text, variables), folder: dirname(resolve(file)) };
}

/** The same from a text. `${NAME}` stands for a variable, `$${` for a literal `${`. */
export function parseConfigurationText(text: string, variables: NodeJS.ProcessEnv): Configuration {
  const missing = new Map<string, string>();
  const expanded = expand(parseYaml(text, 'configuration'), [], variables, missing);
  if (missing.size > 0) {
    const problems = [...missing].map(([name, path]) => `${path} needs the variable ${name}, which is not set`);
    throw new BadInputError(
      'CONFIG_VARIABLE_UNSET',
      `The configuration is not complete: ${problems.join('; ')}.`,
      `Set ${[...missing.keys()].join(', ')} in the environment of this process.`,
      problems,
    );
  }
  return checkAgainst(configurationSchema, expanded, 'configuration', 'CONFIG_INVALID');
}

/** The environment of that name; BadInputError (ENVIRONMENT_UNKNOWN) with the nearest names otherwise. */
export function environmentNamed(configuration: Configuration, name: string): EnvironmentConfiguration {
  const environment = Object.hasOwn(configuration.environments, name) ? configuration.environments[name] : undefined;
  if (environment !== undefined) return environment;
  const known = Object.keys(configuration.environments);
  throw new BadInputError(
    'ENVIRONMENT_UNKNOWN',
    `The configuration has no environment named ${name}${nearestHint(name, known)}.`,
    `Use one of: ${known.join(', ') || '(none is configured)'}.`,
  );
}

/** Where Temporal is. Precedence: flags, TEMPORAL_* environment configuration, file, defaults. */
export function temporalSettings(
  configuration: Pick<Configuration, 'temporal'> | null,
  flags: { readonly [K in keyof TemporalSettings]?: string | undefined },
  environment: { readonly [K in keyof TemporalSettings]?: string | undefined },
): TemporalSettings {
  const file = configuration?.temporal;
  return {
    address: flags.address ?? environment.address ?? file?.address ?? '127.0.0.1:7233',
    namespace: flags.namespace ?? environment.namespace ?? file?.namespace ?? 'default',
    taskQueue: flags.taskQueue ?? environment.taskQueue ?? file?.taskQueue ?? taskQueueDefault,
  };
}

function expand(
  value: unknown,
  path: readonly string[],
  variables: NodeJS.ProcessEnv,
  missing: Map<string, string>,
): unknown {
  if (typeof value === 'string') {
    return value.replace(/\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (whole, name: string | undefined) => {
      if (name === undefined) return '${';
      const text = variables[name];
      if (text === undefined) missing.set(name, path.join('.'));
      return text ?? whole;
    });
  }
  if (Array.isArray(value))
    return value.map((item, index) => expand(item, [...path, String(index)], variables, missing));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, expand(item, [...path, key], variables, missing)]),
    );
  }
  return value;
}
