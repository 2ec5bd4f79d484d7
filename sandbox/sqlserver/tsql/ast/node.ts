/** Where a node stands in the batch text: UTF-16 offsets, end exclusive; line and column count from 1. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly column: number;
}

export interface Node {
  readonly span: Span;
}

/** A name with brackets or quotes removed, in the case written. */
export interface Identifier extends Node {
  readonly name: string;
}

/**
 * A name of up to four parts; missing and empty parts are '' (`db..t` has schema ''). The object part keeps its
 * leading '#'. Table variables are not ObjectNames.
 */
export interface ObjectName extends Node {
  readonly server: string;
  readonly database: string;
  readonly schema: string;
  readonly object: string;
}

/**
 * A type as written. `name` is lower case with synonyms resolved (integer -> int, dec -> decimal, national char
 * varying -> nvarchar, double precision -> float, rowversion -> timestamp, sysname stays). dataType.ts resolves it
 * to a SqlType, since the default length depends on the context.
 */
export interface DataType extends Node {
  readonly name: string;
  /** Schema of a two-part type name, '' otherwise. */
  readonly schema: string;
  /** (10, 2) -> [10, 2]; 'max' for (max); empty when none are written. */
  readonly parameters: readonly number[] | 'max';
}
