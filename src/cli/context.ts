import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { loadConfiguration, type Configuration } from '../config.js';
import { parseRequest } from '../request.js';
import { parseYaml } from '../schemaProblems.js';
import { CommandError, exitCodes } from './exitCodes.js';
import { RunClient, type TemporalFlags } from './temporal.js';

interface GlobalOptions extends TemporalFlags {
  readonly config?: string;
}

/** The configuration that the command line names; BadInputError if it cannot be used. */
export function configurationOf(command: Command): Configuration {
  return loadConfiguration(command.optsWithGlobals<GlobalOptions>().config, process.env);
}

/**
 * A client for the commands that only talk to Temporal: they work without a configuration file, since whoever
 * approves a run need not hold the databases' passwords.
 */
export async function withRuns<T>(command: Command, work: (runs: RunClient) => Promise<T>): Promise<T> {
  const options = command.optsWithGlobals<GlobalOptions>();
  const configuration = options.config === undefined ? configurationIfAny() : configurationOf(command);
  const runs = await RunClient.connect(configuration, options);
  try {
    return await work(runs);
  } finally {
    await runs.close();
  }
}

function configurationIfAny(): Configuration | null {
  try {
    return loadConfiguration(undefined, process.env);
  } catch {
    return null;
  }
}

/** Reads a request file as it was written, after checking it; the workflow's preflight fills in the defaults. */
export function readRequestFile(file: string): { raw: { source: string; destination: string } } {
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch {
    throw new CommandError(
      exitCodes.badInput,
      `The request file ${file} cannot be read. Name an existing file with -f.`,
    );
  }
  const raw = parseYaml(text, 'request');
  parseRequest(raw);
  return { raw: raw as { source: string; destination: string } };
}

/** Who decides, for the record: --by, else the login name. */
export function decisionOf(options: { by?: string; note?: string }): { by: string; note?: string } {
  const by = options.by ?? userInfo().username;
  return options.note === undefined ? { by } : { by, note: options.note };
}

/** What an approval holds for, where the operator says so: this plan alone, or any plan with these warnings. */
export function boundTo(options: { planHash?: string; warningsHash?: string }): {
  planHash?: string;
  warningsHash?: string;
} {
  return {
    ...(options.planHash === undefined ? {} : { planHash: options.planHash }),
    ...(options.warningsHash === undefined ? {} : { warningsHash: options.warningsHash }),
  };
}
