import type { RpcCall } from './rpc.js';

/** The output parameters of a call: which of them a value that the engine returns by name belongs to. */
export class OutputParameters {
  private readonly waiting: { name: string; readonly ordinal: number }[] = [];

  constructor(call: RpcCall) {
    for (const [ordinal, { name, output }] of call.parameters.entries()) {
      if (output) this.waiting.push({ name: name.toLowerCase(), ordinal });
    }
  }

  /** Gives a parameter that was passed by position the name it was declared with. */
  rename(ordinal: number, name: string): void {
    const found = this.waiting.find((output) => output.ordinal === ordinal);
    if (found !== undefined) found.name = name.toLowerCase();
  }

  /** Position in the call of the next output parameter of that name; undefined for a value nobody asked for. */
  take(name: string): number | undefined {
    const index = this.waiting.findIndex((output) => output.name === name.toLowerCase());
    return index < 0 ? undefined : this.waiting.splice(index, 1)[0]!.ordinal;
  }
}
