import type { BinaryOperator } from '../../../tsql/ast.js';

export interface DecimalShape {
  readonly precision: number;
  readonly scale: number;
}

const largestPrecision = 38;

/**
 * Precision and scale of an operation on two decimals (Transact-SQL reference, "Precision, scale, and length"), with
 * the reduction of the scale where 38 digits do not suffice. `reduced`: the exact result must be rounded.
 */
export function decimalResult(
  operator: BinaryOperator,
  a: DecimalShape,
  b: DecimalShape,
): DecimalShape & { reduced: boolean } {
  switch (operator) {
    case '*':
      return reduceProduct(a.precision + b.precision + 1, a.scale + b.scale);
    case '/': {
      const scale = Math.max(6, a.scale + b.precision + 1);
      return reduceProduct(a.precision - a.scale + b.scale + scale, scale);
    }
    case '%': {
      const scale = Math.max(a.scale, b.scale);
      const integers = Math.min(a.precision - a.scale, b.precision - b.scale);
      return { precision: Math.min(integers + scale, largestPrecision), scale, reduced: false };
    }
    default: {
      const scale = Math.max(a.scale, b.scale);
      return reduceSum(Math.max(a.precision - a.scale, b.precision - b.scale), scale);
    }
  }
}

function reduceSum(integers: number, scale: number): DecimalShape & { reduced: boolean } {
  const precision = integers + scale + 1;
  if (precision <= largestPrecision) return { precision, scale, reduced: false };
  const reducedScale = Math.min(scale, largestPrecision - integers);
  return { precision: largestPrecision, scale: Math.max(reducedScale, 0), reduced: reducedScale < scale };
}

function reduceProduct(precision: number, scale: number): DecimalShape & { reduced: boolean } {
  if (precision <= largestPrecision) return { precision, scale, reduced: false };
  const integers = precision - scale;
  const reducedScale = integers < 32 ? Math.min(scale, largestPrecision - integers) : Math.min(scale, 6);
  return { precision: largestPrecision, scale: reducedScale, reduced: reducedScale < scale };
}
