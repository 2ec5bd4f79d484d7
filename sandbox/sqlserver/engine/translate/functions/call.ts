import type { FunctionCall } from '../../../tsql/ast.js';
import { unsupported } from '../../../tsql/unsupported.js';
import type { SqlType } from '../../api.js';
import type { Environment } from '../environment.js';
import { argumentCount, invalidArgumentType } from '../errors.js';
import { bindExpression } from '../expressions/bindExpression.js';
import { derived, isNullLiteral, typedNull, type BoundExpression } from '../expressions/boundExpression.js';
import { convert } from '../expressions/conversions.js';
import type { StatementBuilder } from '../statementBuilder.js';
import type { CollationLabel } from '../types/collations.js';
import { bigintType, intType, isCharacter, isLegacyLob, lengthOf, sized } from '../types/sqlTypes.js';

/** One call of a built-in function with its arguments bound on demand. */
export class Call {
  readonly name: string;
  private readonly bound: (BoundExpression | undefined)[] = [];

  constructor(
    readonly environment: Environment,
    readonly node: FunctionCall,
  ) {
    this.name = node.name.object.toUpperCase();
  }

  get builder(): StatementBuilder {
    return this.environment.builder;
  }

  get count(): number {
    return this.node.arguments.length;
  }

  /** Error 174 unless the call has between `least` and `most` arguments. */
  requireCount(least: number, most = least): void {
    if (this.count >= least && this.count <= most) return;
    throw argumentCount(this.name, least === most ? String(least) : `${least} to ${most}`, this.node.span);
  }

  /** Argument from 0. */
  argument(index: number): BoundExpression {
    const known = this.bound[index];
    if (known !== undefined) return known;
    const node = this.node.arguments[index];
    if (node === undefined) throw argumentCount(this.name, String(index + 1), this.node.span);
    const value = bindExpression(this.environment, node);
    this.bound[index] = value;
    return value;
  }

  arguments(): BoundExpression[] {
    return this.node.arguments.map((_, index) => this.argument(index));
  }

  /** The date part word of DATEADD and its kin. */
  datePart(index: number): string {
    const node = this.node.arguments[index];
    if (node?.kind === 'datePart') return node.name.toLowerCase();
    if (node?.kind === 'column' && node.qualifier === undefined) return node.name.toLowerCase();
    throw unsupported(`${this.name} with such a date part`, this.node.span);
  }

  /** An argument as text; numbers and dates are converted implicitly. Error 8116 for text, ntext and image. */
  text(index: number): BoundExpression {
    const value = this.argument(index);
    if (isCharacter(value.type) && !isNullLiteral(value)) {
      if (isLegacyLob(value.type)) throw invalidArgumentType(value.type, index + 1, this.name, this.node.span);
      return value;
    }
    if (isNullLiteral(value)) return typedNull({ name: 'varchar', length: 1 }, this.coercible());
    return convert(this.builder, value, { name: 'varchar', length: 8000 });
  }

  integer(index: number): BoundExpression {
    return convert(this.builder, this.argument(index), intType);
  }

  bigint(index: number): BoundExpression {
    return convert(this.builder, this.argument(index), bigintType);
  }

  /** A constant integer argument, if it is one. */
  constantInteger(index: number): number | undefined {
    const { literal } = this.argument(index);
    return literal?.kind === 'integer' ? Number(literal.value) : undefined;
  }

  constantText(index: number): string | undefined {
    const { literal } = this.argument(index);
    return literal?.kind === 'string' ? literal.value : undefined;
  }

  coercible(): CollationLabel {
    return { name: this.builder.context.databaseCollation, rank: 'coercible' };
  }

  /** A result of character type under the collation of its source. */
  textResult(sql: string, type: SqlType, source: BoundExpression, nullable: boolean): BoundExpression {
    const collation = source.collation ?? this.coercible();
    return derived(sql, { ...type, collation: collation.name }, nullable, collation);
  }

  /** A variable-length text type like the source's: its national flag, another length. */
  variableText(source: BoundExpression, length: number | 'max'): SqlType {
    const national = source.type.name === 'nvarchar' || source.type.name === 'nchar' || source.type.name === 'ntext';
    return sized(national ? 'nvarchar' : 'varchar', length);
  }

  isMax(index: number): boolean {
    return isCharacter(this.argument(index).type) && lengthOf(this.argument(index).type) === 'max';
  }

  anyNullable(): boolean {
    return this.arguments().some((argument) => argument.nullable);
  }
}

export type FunctionBinder = (call: Call) => BoundExpression;
