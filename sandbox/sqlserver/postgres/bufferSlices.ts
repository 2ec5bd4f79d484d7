/** Methods of Node's Buffer that its type declarations leave out; they read without going through toString's checks. */
declare global {
  interface Buffer {
    ucs2Slice(start: number, end: number): string;
    latin1Slice(start: number, end: number): string;
    utf8Slice(start: number, end: number): string;
  }
}

export {};
