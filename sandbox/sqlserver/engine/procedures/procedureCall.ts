import { SqlError, type Parameter, type SqlValue } from '../api.js';

export interface ProcedureCall {
  /** As written: may have a database and schema. */
  readonly name: string;
  readonly line: number;
  readonly arguments: readonly Parameter[];
}

export interface ProcedureResult {
  readonly status: number;
  /** Values of output arguments by their place in the call. */
  readonly outputs: ReadonlyMap<number, SqlValue>;
}

export const succeeded: ProcedureResult = { status: 0, outputs: new Map() };

/** Arguments put to the procedure's parameters, by name or by place. Errors 8145, 8144, 201. */
export class BoundArguments {
  private readonly byName = new Map<string, Parameter>();

  constructor(procedure: string, call: ProcedureCall, names: readonly string[], required: number) {
    call.arguments.forEach((argument, index) => {
      const name = argument.name === '' ? names[index] : names.find((candidate) => same(candidate, argument.name));
      if (name === undefined) {
        throw argument.name === ''
          ? new SqlError(8144, `Procedure or function ${procedure} has too many arguments specified.`, { state: 2 })
          : new SqlError(8145, `${argument.name} is not a parameter for procedure ${procedure}.`);
      }
      this.byName.set(name, argument);
    });
    for (const name of names.slice(0, required)) {
      if (this.byName.has(name)) continue;
      throw new SqlError(
        201,
        `Procedure or function '${procedure}' expects parameter '${name}', which was not supplied.`,
        { state: 4 },
      );
    }
  }

  has(name: string): boolean {
    return this.byName.has(name);
  }

  value(name: string): SqlValue {
    return this.byName.get(name)?.value ?? null;
  }

  text(name: string): string | undefined {
    const value = this.value(name);
    return value === null ? undefined : String(value as string);
  }

  number(name: string): number | undefined {
    const value = this.value(name);
    return value === null ? undefined : Number(value);
  }
}

function same(a: string, b: string): boolean {
  return a.toUpperCase() === b.toUpperCase();
}
