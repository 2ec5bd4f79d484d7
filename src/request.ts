import { z } from 'zod';
import { stageNames, type RefreshRequest } from './contract.js';
import { byteSize, duration } from './quantities.js';
import { checkAgainst, parseYaml } from './schemaProblems.js';

const names = z.array(z.string().trim().min(1)).default([]);
const unmappedPolicy = z.enum(['fail', 'setNull', 'quarantine']);

const scopeSchema = z.strictObject({
  solutions: names,
  applications: names,
  espaces: names,
  entities: names,
  exclude: names,
});

const usersSchema = z.strictObject({
  mode: z.enum(['createMissing', 'update', 'recreate', 'matchOnly']).default('createMissing'),
  scope: z.enum(['referenced', 'all']).default('referenced'),
  match: z
    .array(z.enum(['username', 'tenant', 'email', 'externalId']))
    .min(1)
    .default(['username', 'tenant']),
  passwords: z.enum(['blank', 'keep', 'fixed']).default('blank'),
  keep: names,
  fallback: z.string().nullable().default(null),
  map: z.string().trim().min(1).nullable().default(null),
});

const processesSchema = z.strictObject({
  migrate: z.boolean().default(true),
  statuses: z
    .union(
      [z.literal('all'), z.array(z.string().min(1)).min(1)],
      'must be all, or a list of status names such as [Active]',
    )
    .default('all'),
  inactiveDefinitions: z.boolean().default(false),
  nextRun: z.enum(['hold', 'shift', 'keep']).default('hold'),
});

const entitySchema = z.strictObject({
  data: z.enum(['deleteFirst', 'keep']).nullable().default(null),
  match: names,
  onMatch: z.enum(['update', 'skip', 'insert']).default('update'),
  keepRows: z.array(z.union([z.string(), z.int()]).transform(String)).default([]),
  where: z.string().trim().min(1).nullable().default(null),
  events: z.enum(['refuse', 'queue']).default('refuse'),
  attributes: z
    .record(z.string(), z.strictObject({ unmapped: unmappedPolicy.optional(), orphans: unmappedPolicy.optional() }))
    .default({}),
});

const approvableStages = stageNames.filter((stage) => stage !== 'preflight' && stage !== 'plan');
const approvalStages = z
  .array(z.enum(approvableStages))
  .default(['disableApplications', 'deleteDestinationData', 'enableApplications']);
const approvalsSchema = z.strictObject({
  stages: approvalStages,
  remindAfter: duration.prefault('4h'),
  expireAfter: duration.prefault('72h'),
});

/** The request of a refresh (contract; defaults as the operator's manual lists them). */
export const requestSchema = z
  .strictObject({
    source: z.string().min(1),
    destination: z.string().min(1),
    scope: scopeSchema.prefault({}),
    producers: z.enum(['include', 'matchOnly', 'refuse']).default('include'),
    destinationData: z.enum(['deleteFirst', 'keep']).default('deleteFirst'),
    keys: z.enum(['auto', 'generate', 'preserve']).default('auto'),
    tenants: z.enum(['map', 'exclude', 'fail']).default('fail'),
    users: usersSchema.prefault({}),
    processes: processesSchema.prefault({}),
    timers: z.enum(['leave', 'shift']).default('leave'),
    drain: z.strictObject({ stuckAfter: duration.prefault('30m') }).prefault({}),
    orphans: unmappedPolicy.default('setNull'),
    unmapped: unmappedPolicy.default('fail'),
    entities: z
      .record(z.string().regex(/^[^.]+\..+$/, 'an entity is named Espace.Entity'), entitySchema.prefault({}))
      .default({}),
    approvals: z
      .preprocess((value) => (Array.isArray(value) ? { stages: value } : value), approvalsSchema)
      .prefault({}),
    batch: z
      .strictObject({ rows: z.int().min(1).max(1_000_000).default(20_000), bytes: byteSize.prefault('16MB') })
      .prefault({}),
    parallelEntities: z.int().min(1).max(64).default(4),
    parallelRanges: z.int().min(1).max(16).default(4),
    limits: z
      .strictObject({
        rowsPerSecond: z.int().min(1).nullable().default(null),
        bytesPerSecond: byteSize.nullable().default(null),
      })
      .prefault({}),
  })
  .refine((request) => request.source.toLowerCase() !== request.destination.toLowerCase(), {
    path: ['destination'],
    message: 'source and destination name the same environment',
  });

/**
 * Checks a request and fills in its defaults. A checked request is itself valid input with the same result.
 * Throws BadInputError (REQUEST_INVALID) naming every problem with its path.
 */
export function parseRequest(value: unknown): RefreshRequest {
  return checkAgainst(requestSchema, value, 'request', 'REQUEST_INVALID');
}

/** The same from a YAML or JSON text. */
export function parseRequestText(text: string): RefreshRequest {
  return parseRequest(parseYaml(text, 'request'));
}
