import { SqlError, type SqlType } from '../../api.js';
import { operandTypeClash } from '../errors.js';
import { derived, isNullLiteral, type BoundExpression } from '../expressions/boundExpression.js';
import { convert } from '../expressions/conversions.js';
import { ofTicks, toTicks } from '../expressions/temporalConversions.js';
import { bigintType, datetimeType, familyOf, intType, isCharacter, isNumeric, sized } from '../types/sqlTypes.js';
import type { EngineValue } from '../result.js';
import type { Call, FunctionBinder } from './call.js';

type DatePart =
  | 'year'
  | 'quarter'
  | 'month'
  | 'dayofyear'
  | 'day'
  | 'week'
  | 'weekday'
  | 'hour'
  | 'minute'
  | 'second'
  | 'millisecond'
  | 'microsecond'
  | 'nanosecond'
  | 'iso_week';

const abbreviations: Readonly<Record<string, DatePart>> = {
  year: 'year',
  yy: 'year',
  yyyy: 'year',
  quarter: 'quarter',
  qq: 'quarter',
  q: 'quarter',
  month: 'month',
  mm: 'month',
  m: 'month',
  dayofyear: 'dayofyear',
  dy: 'dayofyear',
  y: 'dayofyear',
  day: 'day',
  dd: 'day',
  d: 'day',
  week: 'week',
  wk: 'week',
  ww: 'week',
  weekday: 'weekday',
  dw: 'weekday',
  w: 'weekday',
  hour: 'hour',
  hh: 'hour',
  minute: 'minute',
  mi: 'minute',
  n: 'minute',
  second: 'second',
  ss: 'second',
  s: 'second',
  millisecond: 'millisecond',
  ms: 'millisecond',
  microsecond: 'microsecond',
  mcs: 'microsecond',
  nanosecond: 'nanosecond',
  ns: 'nanosecond',
  iso_week: 'iso_week',
  isowk: 'iso_week',
  isoww: 'iso_week',
};

function datePart(call: Call): DatePart {
  const name = call.datePart(0);
  const part = abbreviations[name];
  if (part === undefined) {
    throw new SqlError(155, `'${name}' is not a recognized ${call.name.toLowerCase()} option.`, {
      class: 15,
      line: call.node.span.line,
    });
  }
  return part;
}

/** Ticks of a unit of fixed length (nanoseconds are counted by hundreds). */
const unitTicks: Partial<Record<DatePart, bigint>> = {
  dayofyear: 864000000000n,
  day: 864000000000n,
  weekday: 864000000000n,
  week: 6048000000000n,
  hour: 36000000000n,
  minute: 600000000n,
  second: 10000000n,
  millisecond: 10000n,
  microsecond: 10n,
};

const monthsOf: Partial<Record<DatePart, number>> = { year: 12, quarter: 3, month: 1 };

/** An argument that is a date: text reads as `textType`, numbers as datetime. */
function moment(call: Call, index: number, textType: SqlType): BoundExpression {
  const value = call.argument(index);
  if (familyOf(value.type) === 'temporal') return value;
  if (isNullLiteral(value)) return convert(call.builder, value, datetimeType);
  if (isCharacter(value.type)) return convert(call.builder, value, textType);
  if (isNumeric(value.type)) return convert(call.builder, value, datetimeType);
  throw operandTypeClash(value.type, datetimeType);
}

/** A datetime's milliseconds are those it shows: .003, .007. */
function ticksOf(value: BoundExpression, part: DatePart): string {
  if (value.type.name === 'datetime' && part === 'millisecond') return `tsql.datetime_to_shown_ticks(${value.sql})`;
  return toTicks(value.sql, value.type);
}

function bindDateAdd(call: Call): BoundExpression {
  call.requireCount(3);
  const part = datePart(call);
  const amount = convert(call.builder, call.argument(1), bigintType);
  const value = moment(call, 2, datetimeType);
  const target = `'${value.type.name}'`;
  const ticks = toTicks(value.sql, value.type);
  const months = monthsOf[part];
  const unit = unitTicks[part];
  let sum: string;
  if (months !== undefined) sum = `tsql.dateadd_months(${ticks}, ${amount.sql} * ${months}, ${target})`;
  else if (part === 'nanosecond') sum = `tsql.dateadd_result(${ticks} + (${amount.sql} / 100), ${target})`;
  else if (unit !== undefined) sum = `tsql.dateadd_units(${ticks}, ${amount.sql}, ${unit}, ${target})`;
  else {
    throw new SqlError(
      9810,
      `The datepart ${part} is not supported by date function dateadd for data type ${value.type.name}.`,
      {
        line: call.node.span.line,
      },
    );
  }
  return derived(ofTicks(sum, value.type, false), value.type, true);
}

const countedTicks: Partial<Record<DatePart, bigint>> = {
  dayofyear: 864000000000n,
  day: 864000000000n,
  weekday: 864000000000n,
  hour: 36000000000n,
  minute: 600000000n,
  second: 10000000n,
  millisecond: 10000n,
  microsecond: 10n,
};

const datetime2: SqlType = { name: 'datetime2', scale: 7 };

/** How many boundaries of the part lie between two moments. */
function bindDateDiff(call: Call): BoundExpression {
  call.requireCount(3);
  const part = datePart(call);
  const start = moment(call, 1, datetime2);
  const end = moment(call, 2, datetime2);
  const counted = (value: BoundExpression): string => boundaries(ticksOf(value, part), part);
  const difference =
    part === 'nanosecond' ? `((${counted(end)} - ${counted(start)}) * 100)` : `(${counted(end)} - ${counted(start)})`;
  const nullable = start.nullable || end.nullable;
  if (call.name === 'DATEDIFF_BIG') return derived(difference, bigintType, nullable);
  return derived(`tsql.datediff_int(${difference})`, intType, nullable);
}

function boundaries(ticks: string, part: DatePart): string {
  switch (part) {
    case 'year':
      return `(tsql.month_number(${ticks}) / 12)`;
    case 'quarter':
      return `(tsql.month_number(${ticks}) / 3)`;
    case 'month':
      return `tsql.month_number(${ticks})`;
    case 'week':
    case 'iso_week':
      return `tsql.week_number(${ticks})`;
    case 'nanosecond':
      return ticks;
    default:
      return `(${ticks} / ${countedTicks[part] ?? 1n})`;
  }
}

function partSql(call: Call, value: BoundExpression, part: DatePart): string {
  const ticks = ticksOf(value, part);
  const date = `tsql.ticks_to_date(${ticks})`;
  switch (part) {
    case 'year':
    case 'quarter':
    case 'month':
    case 'day':
      return `extract(${part} FROM ${date})::int4`;
    case 'dayofyear':
      return `extract(doy FROM ${date})::int4`;
    case 'iso_week':
      return `extract(week FROM ${date})::int4`;
    case 'week':
      return `tsql.week_of_year(${ticks}, ${call.builder.context.options.dateFirst})`;
    case 'weekday':
      return `tsql.weekday(${ticks}, ${call.builder.context.options.dateFirst})`;
    case 'hour':
      return `(${ticks} % 864000000000 / 36000000000)::int4`;
    case 'minute':
      return `(${ticks} % 36000000000 / 600000000)::int4`;
    case 'second':
      return `(${ticks} % 600000000 / 10000000)::int4`;
    case 'millisecond':
      return `(${ticks} % 10000000 / 10000)::int4`;
    case 'microsecond':
      return `(${ticks} % 10000000 / 10)::int4`;
    case 'nanosecond':
      return `(${ticks} % 10000000 * 100)::int4`;
  }
}

function bindDatePart(call: Call): BoundExpression {
  call.requireCount(2);
  const value = moment(call, 1, datetime2);
  return derived(`(${partSql(call, value, datePart(call))})`, intType, value.nullable);
}

function bindDateName(call: Call): BoundExpression {
  call.requireCount(2);
  const part = datePart(call);
  const value = moment(call, 1, datetime2);
  const date = `tsql.ticks_to_date(${ticksOf(value, part)})`;
  const label = call.coercible();
  const sql =
    part === 'month'
      ? `to_char(${date}, 'FMMonth')`
      : part === 'weekday'
        ? `to_char(${date}, 'FMDay')`
        : `(${partSql(call, value, part)})::text`;
  return derived(sql, sized('nvarchar', 30, label.name), value.nullable, label);
}

function shortPart(part: DatePart): FunctionBinder {
  return (call) => {
    call.requireCount(1);
    const value = moment(call, 0, datetime2);
    return derived(`(${partSql(call, value, part)})`, intType, value.nullable);
  };
}

function bindEomonth(call: Call): BoundExpression {
  call.requireCount(1, 2);
  const value = moment(call, 0, datetime2);
  const months = call.count === 2 ? call.integer(1).sql : '0';
  return derived(`tsql.eomonth(${toTicks(value.sql, value.type)}, ${months})`, { name: 'date' }, true);
}

function bindDateFromParts(call: Call): BoundExpression {
  call.requireCount(3);
  const [y, m, d] = [call.integer(0), call.integer(1), call.integer(2)];
  return derived(`tsql.datefromparts(${y.sql}, ${m.sql}, ${d.sql}, 'date')`, { name: 'date' }, true);
}

function bindDateTimeFromParts(call: Call): BoundExpression {
  call.requireCount(7);
  const part = (index: number): string => call.integer(index).sql;
  const ticks =
    `(tsql.datefromparts(${part(0)}, ${part(1)}, ${part(2)}, 'datetime')::int8 * 864000000000` +
    ` + tsql.timefromparts(${part(3)}, ${part(4)}, ${part(5)}, ${part(6)}, 'datetime'))`;
  return derived(ofTicks(ticks, datetimeType, false), datetimeType, true);
}

function now(value: EngineValue, type: SqlType): FunctionBinder {
  return (call) => {
    call.requireCount(0);
    return derived(call.builder.engineValue(value, type), type, false);
  };
}

function bindIsDate(call: Call): BoundExpression {
  call.requireCount(1);
  const value = call.argument(0);
  if (value.type.name === 'datetime' || value.type.name === 'smalldatetime') {
    return derived(`(${value.sql} IS NOT NULL)::int4`, intType, false);
  }
  const format = `'${call.builder.context.options.dateFormat}'`;
  return derived(`coalesce(tsql.is_date(${call.text(0).sql}, ${format}), 0)`, intType, false);
}

export const dateFunctions: Readonly<Record<string, FunctionBinder>> = {
  DATEADD: bindDateAdd,
  DATEDIFF: bindDateDiff,
  DATEDIFF_BIG: bindDateDiff,
  DATEPART: bindDatePart,
  DATENAME: bindDateName,
  YEAR: shortPart('year'),
  MONTH: shortPart('month'),
  DAY: shortPart('day'),
  EOMONTH: bindEomonth,
  DATEFROMPARTS: bindDateFromParts,
  DATETIMEFROMPARTS: bindDateTimeFromParts,
  GETDATE: now('GETDATE', datetimeType),
  CURRENT_TIMESTAMP: now('GETDATE', datetimeType),
  GETUTCDATE: now('GETUTCDATE', datetimeType),
  SYSDATETIME: now('SYSDATETIME', datetime2),
  SYSUTCDATETIME: now('SYSUTCDATETIME', datetime2),
  ISDATE: bindIsDate,
};
