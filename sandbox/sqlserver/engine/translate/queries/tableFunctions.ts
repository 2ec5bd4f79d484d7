import type { TableFunction } from '../../../tsql/ast.js';
import { unsupported } from '../../../tsql/unsupported.js';
import { SqlError } from '../../api.js';
import { plainClause, type Environment, type QueryColumn } from '../environment.js';
import { bindExpression } from '../expressions/bindExpression.js';
import { convert } from '../expressions/conversions.js';
import { sessionArguments, sessionTableFunctions, type SessionTableFunction } from '../sessionFunctions.js';
import { nameParts } from '../scope.js';
import { isCharacter, isNational, lengthOf, sized } from '../types/sqlTypes.js';

/** A table-valued function in FROM as a query with columns c1, c2 …. Error 208 for unknown ones. */
export function bindTableFunction(
  environment: Environment,
  source: TableFunction,
): { sql: string; columns: QueryColumn[] } {
  const { schema, object } = source.name;
  if (schema === '' && object.toUpperCase() === 'STRING_SPLIT') return bindStringSplit(environment, source);
  const definition = sessionTableFunctions.find(
    (candidate) => candidate.schema === schema.toLowerCase() && candidate.name === object.toLowerCase(),
  );
  if (definition !== undefined) return bindSessionTable(environment, source, definition);
  if (
    schema.toLowerCase() === 'sys' ||
    ['OPENJSON', 'OPENROWSET', 'OPENXML', 'OPENQUERY', 'GENERATE_SERIES'].includes(object.toUpperCase())
  ) {
    throw unsupported(`the function ${nameParts(source.name).join('.')}`, source.span);
  }
  throw new SqlError(208, `Invalid object name '${nameParts(source.name).join('.')}'.`, { line: source.span.line });
}

function bindStringSplit(environment: Environment, source: TableFunction): { sql: string; columns: QueryColumn[] } {
  const [text, separator, ordinal] = source.arguments.map((argument) =>
    bindExpression(plainClause(environment), argument),
  );
  if (text === undefined || separator === undefined) {
    throw new SqlError(
      313,
      'An insufficient number of arguments were supplied for the procedure or function STRING_SPLIT.',
      {
        line: source.span.line,
      },
    );
  }
  if (ordinal !== undefined) {
    throw unsupported('the third argument of STRING_SPLIT, which SQL Server 2016 does not have', source.span);
  }
  const { builder } = environment;
  const value = isCharacter(text.type) ? text : convert(builder, text, { name: 'nvarchar', length: 4000 });
  const split = convert(builder, separator, { name: 'nvarchar', length: 1 });
  const label = value.collation ?? { name: builder.context.databaseCollation, rank: 'coercible' as const };
  const type = sized(isNational(value.type) ? 'nvarchar' : 'varchar', lengthOf(value.type), label.name);
  const column: QueryColumn = { name: 'value', type, nullable: true, collation: { ...label, rank: 'implicit' } };
  const alias = builder.alias('f');
  const sql = `SELECT ${alias}.value AS c1 FROM tsql.string_split(${value.sql}, ${split.sql}) AS ${alias}`;
  return { sql, columns: [column] };
}

function bindSessionTable(
  environment: Environment,
  source: TableFunction,
  definition: SessionTableFunction,
): { sql: string; columns: QueryColumn[] } {
  const { builder } = environment;
  if (source.arguments.length !== definition.parameters.length) {
    throw new SqlError(
      313,
      `An insufficient number of arguments were supplied for the procedure or function ${nameParts(source.name).join('.')}.`,
      {
        line: source.span.line,
      },
    );
  }
  const own = definition.parameters.map((type, index) => {
    const argument = source.arguments[index];
    return argument === undefined
      ? 'NULL'
      : convert(builder, bindExpression(plainClause(environment), argument), type).sql;
  });
  const session = sessionArguments.map((argument) => builder.engineValue(argument.value, argument.type));
  const alias = builder.alias('f');
  const names = definition.columns.map((_, index) => `c${index + 1}`).join(', ');
  const collation = { name: builder.context.databaseCollation, rank: 'implicit' as const };
  const columns = definition.columns.map((column): QueryColumn =>
    isCharacter(column.type) ? { ...column, type: { ...column.type, collation: collation.name }, collation } : column,
  );
  return {
    sql: `SELECT ${names} FROM tsql.${definition.name}(${[...own, ...session].join(', ')}) AS ${alias} (${names})`,
    columns,
  };
}
