import type { EnvironmentName, FactoryModel } from './model.js';
import { ModelIndex } from './modelIndex.js';

/** Throws an Error that names everything in a model that could not be published on SQL Server, or has no marker. */
export function validateModel(model: FactoryModel): void {
  const problems = (['production', 'qa'] as const).flatMap((environment) =>
    problemsIn(new ModelIndex(model, environment), environment),
  );
  if (problems.length > 0) throw new Error(`The factory model is not valid:\n${[...new Set(problems)].join('\n')}`);
}

function problemsIn(index: ModelIndex, environment: EnvironmentName): string[] {
  const problems: string[] = [];
  for (const table of ['OSSYS_USER', 'OSSYS_TENANT', 'OSSYS_BPM_PROCESS', 'OSSYS_BPM_ACTIVITY']) {
    if (!index.entities.some((each) => each.item.systemTable === table))
      problems.push(`No entity stands for ${table}.`);
  }
  if (index.model.tenants.length === 0) problems.push('There is no tenant.');
  for (const { path, item } of index.entities) {
    const marker = item.attributes.find((each) => each.active && each.name === item.marker);
    if (!marker) problems.push(`${path} has no active attribute ${item.marker} as its marker.`);
    else if (marker.type.kind !== 'text') problems.push(`${path}: the marker ${item.marker} must be a text.`);
    if (!item.attributes.some((each) => each.active && each.name === item.primaryKey))
      problems.push(`${path} has no active attribute ${item.primaryKey}.`);
    for (const { type, name } of item.attributes) {
      if (type.kind === 'reference' && !index.entities.some((each) => each.path === type.to))
        problems.push(`${path}.${name} refers to ${type.to}, unknown in ${environment}.`);
    }
  }
  for (const { path, item } of index.processes) {
    for (const each of item.activities) {
      if (each.process && !index.processes.some((process) => process.path === each.process))
        problems.push(`${path}.${each.name} executes ${each.process}, unknown in ${environment}.`);
    }
    for (const each of [...item.inputs, ...item.outputs]) {
      if (each.type.kind === 'binary') problems.push(`${path}.${each.name}: binaries are no process values.`);
    }
  }
  return problems.length > 0 ? problems : cascadeProblems(index);
}

const activities = 'OSSYS_BPM_ACTIVITY';
const processes = 'OSSYS_BPM_PROCESS';

/** SQL Server refuses a key by which a DELETE could reach a table twice (error 1785). */
function cascadeProblems(index: ModelIndex): string[] {
  const children = new Map<string, string[]>([[processes, [activities]]]);
  const tableOf = (path: string): string => index.entity(path).item.systemTable ?? path;
  for (const { path, item } of index.entities) {
    if (item.systemTable || !item.active) continue;
    for (const { type, deleteRule, active } of item.attributes) {
      if (type.kind !== 'reference' || deleteRule !== 'Delete' || !active) continue;
      const parent = tableOf(type.to);
      children.set(parent, [...(children.get(parent) ?? []), path]);
    }
  }
  const problems: string[] = [];
  for (const start of children.keys()) {
    const reached = new Set<string>([start]);
    const pending = [...(children.get(start) ?? [])];
    for (let table = pending.pop(); table !== undefined; table = pending.pop()) {
      if (reached.has(table)) {
        problems.push(`Deleting from ${start} would reach ${table} on two paths, which SQL Server refuses (1785).`);
        break;
      }
      reached.add(table);
      pending.push(...(children.get(table) ?? []));
    }
  }
  return problems;
}
