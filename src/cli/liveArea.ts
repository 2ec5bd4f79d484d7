/** The part of a terminal stream that a view needs; process.stdout is one. */
export interface TerminalStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

const ESCAPE = String.fromCharCode(27);
const eraseBelow = `${ESCAPE}[0J`;
const colorCode = new RegExp(`${ESCAPE}\\[[0-9;]*m`, 'y');

/** Lines at the end of a terminal that are painted over in place. */
export class LiveArea {
  private painted = 0;

  constructor(private readonly stream: TerminalStream) {}

  /** Replaces what was painted last. A line longer than the terminal would wrap and break the count, so it is cut. */
  paint(lines: readonly string[]): void {
    const columns = this.stream.columns ?? 80;
    const up = this.painted === 0 ? '' : `${ESCAPE}[${this.painted}A\r`;
    const text = lines.map((line) => `${cutToWidth(line, columns - 1)}\n`).join('');
    this.stream.write(`${up}${eraseBelow}${text}`);
    this.painted = lines.length;
  }

  /** What was painted stays; the next paint starts below. */
  leave(): void {
    this.painted = 0;
  }
}

/** Cuts to `width` visible characters; color codes take no room and are kept, so that a color always ends. */
export function cutToWidth(line: string, width: number): string {
  let visible = 0;
  let out = '';
  for (let at = 0; at < line.length;) {
    colorCode.lastIndex = at;
    const code = colorCode.exec(line)?.[0];
    if (code !== undefined) {
      out += code;
      at += code.length;
      continue;
    }
    const character = String.fromCodePoint(line.codePointAt(at) ?? 0);
    if (visible < width) out += character;
    visible += 1;
    at += character.length;
  }
  return out;
}
