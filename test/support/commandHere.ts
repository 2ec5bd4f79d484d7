import { expect, vi } from 'vitest';
import { runCommandLine } from '../../src/cli/commandLine.js';

/** What a program that ran to its end wrote. */
export interface ProgramResult {
  readonly exitCode: number | null;
  readonly output: string;
  readonly errors: string;
}

/**
 * Runs the `refresh` command in this process, without a terminal and with these variables alone: starting Node and
 * loading TypeScript costs a process more than most commands. One at a time, since it watches what this process writes.
 */
export async function commandHere(args: readonly string[], variables: NodeJS.ProcessEnv): Promise<ProgramResult> {
  const { env, exitCode: exitCodeBefore } = process;
  const output = written(process.stdout);
  const errors = written(process.stderr);
  process.env = { ...variables };
  try {
    const exitCode = await runCommandLine(args);
    return { exitCode, output: output.text(), errors: errors.text() };
  } finally {
    process.env = env;
    process.exitCode = exitCodeBefore;
    output.stop();
    errors.stop();
  }
}

/** Takes what is written to the stream, which gets nothing meanwhile. */
function written(stream: NodeJS.WriteStream): { text: () => string; stop: () => void } {
  let text = '';
  const spy = vi.spyOn(stream, 'write').mockImplementation((chunk: string | Uint8Array) => {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    return true;
  });
  return { text: () => text, stop: () => spy.mockRestore() };
}

/** On any other exit code, what the program wrote is shown. */
export function expectExit({ exitCode, output, errors }: ProgramResult, expected: number): void {
  expect(exitCode, `${output}${errors}`).toBe(expected);
}
