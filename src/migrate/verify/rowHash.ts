import type { ColumnType } from '../../plan/refreshPlan.js';

/** A hash of values that only equal lists of values have, as an expression. */
export function hashOf(values: readonly { readonly value: string; readonly type: ColumnType }[]): string {
  const parts = values.map(({ value, type }) => ` + ${part(value, type)}`);
  return `HASHBYTES('SHA2_256', CONVERT(nvarchar(max), N'')${parts.join('')})`;
}

/** A text that only equal values have: NULL, and where one value ends and the next begins, are told apart. */
function part(value: string, type: ColumnType): string {
  const text = `CONVERT(nvarchar(max), ${exactText(value, type)})`;
  return `COALESCE(CONVERT(nvarchar(20), DATALENGTH(${text})) + N':' + ${text}, N'-')`;
}

function exactText(value: string, type: ColumnType): string {
  switch (type.name) {
    case 'datetime':
    case 'smalldatetime':
    case 'datetime2':
    case 'datetimeoffset':
    case 'date':
    case 'time':
      return `CONVERT(nvarchar(40), ${value}, 121)`;
    case 'float':
    case 'real':
      return `CONVERT(nvarchar(40), ${value}, 3)`;
    case 'money':
    case 'smallmoney':
      return `CONVERT(nvarchar(40), ${value}, 2)`;
    case 'binary':
    case 'varbinary':
    case 'image':
      return `CONVERT(nvarchar(70), HASHBYTES('SHA2_256', CONVERT(varbinary(max), ${value})), 2)`;
    default:
      return value;
  }
}
