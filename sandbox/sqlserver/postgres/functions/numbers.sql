-- Conversions between numbers, and between numbers and text. `tried` asks for NULL instead of an error.

CREATE OR REPLACE FUNCTION tsql.integer_lowest(target text) RETURNS int8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE target WHEN 'tinyint' THEN 0::int8 WHEN 'bit' THEN 0::int8 WHEN 'smallint' THEN -32768::int8
    WHEN 'int' THEN -2147483648::int8 ELSE (-9223372036854775808)::int8 END
$$;

CREATE OR REPLACE FUNCTION tsql.integer_highest(target text) RETURNS int8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE target WHEN 'tinyint' THEN 255::int8 WHEN 'bit' THEN 1::int8 WHEN 'smallint' THEN 32767::int8
    WHEN 'int' THEN 2147483647::int8 ELSE 9223372036854775807::int8 END
$$;

-- Name of a type in messages: SQL Server calls decimal numeric.
CREATE OR REPLACE FUNCTION tsql.message_type(name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT CASE name WHEN 'decimal' THEN 'numeric' ELSE name END $$;

CREATE OR REPLACE FUNCTION tsql.narrow_integer_failure(x int8, target text, source text, tried bool) RETURNS int8
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF tried THEN RETURN NULL; END IF;
  IF source = 'bigint' OR target = 'int' THEN
    PERFORM tsql.raise_error(8115, 16, 2, 'Arithmetic overflow error converting expression to data type ' || target || '.');
  END IF;
  PERFORM tsql.raise_error(220, 16, 1, 'Arithmetic overflow error for data type ' || target || ', value = ' || x || '.');
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION tsql.narrow_integer(x int8, target text, source text, tried bool) RETURNS int8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN x BETWEEN tsql.integer_lowest(target) AND tsql.integer_highest(target) THEN x
    ELSE tsql.narrow_integer_failure(x, target, source, tried) END
$$;

-- Result of arithmetic on tinyint.
CREATE OR REPLACE FUNCTION tsql.tinyint_result(x int4) RETURNS int2
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF x BETWEEN 0 AND 255 THEN RETURN x::int2; END IF;
  PERFORM tsql.raise_error(8115, 16, 2, 'Arithmetic overflow error converting expression to data type tinyint.');
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION tsql.numeric_to_integer(x numeric, target text, source text, tried bool) RETURNS int8
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF x BETWEEN tsql.integer_lowest(target) AND tsql.integer_highest(target) THEN RETURN x::int8; END IF;
  IF tried THEN RETURN NULL; END IF;
  PERFORM tsql.raise_error(8115, 16, 1, 'Arithmetic overflow error converting ' || tsql.message_type(source) || ' to data type ' || target || '.');
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION tsql.float_to_integer(x float8, target text, source text, tried bool) RETURNS int8
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF abs(x) < 9.2233720368547758e18 AND trunc(x)::int8 BETWEEN tsql.integer_lowest(target) AND tsql.integer_highest(target) THEN
    RETURN trunc(x)::int8;
  END IF;
  IF tried THEN RETURN NULL; END IF;
  IF target IN ('tinyint', 'smallint') THEN
    PERFORM tsql.raise_error(232, 16, 1, 'Arithmetic overflow error for type ' || target || ', value = ' || to_char(x, 'FM9999999999999990.000000') || '.');
  END IF;
  PERFORM tsql.raise_error(8115, 16, 2, 'Arithmetic overflow error converting expression to data type ' || target || '.');
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION tsql.text_to_integer(x text, target text, source text, tried bool) RETURNS int8
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  trimmed text := btrim(x, ' ');
  wide numeric;
BEGIN
  IF trimmed = '' THEN RETURN 0; END IF;
  IF target = 'bit' AND lower(trimmed) IN ('true', 'false') THEN RETURN (lower(trimmed) = 'true')::int4; END IF;
  IF trimmed !~ '^[+-]? *[0-9]+$' THEN
    IF tried THEN RETURN NULL; END IF;
    IF target = 'bigint' THEN
      PERFORM tsql.raise_error(8114, 16, 5, 'Error converting data type ' || source || ' to bigint.');
    END IF;
    PERFORM tsql.raise_error(245, 16, 1, 'Conversion failed when converting the ' || source || ' value ''' || x || ''' to data type ' || target || '.');
  END IF;
  wide := replace(trimmed, ' ', '')::numeric;
  IF target = 'bit' THEN RETURN (wide <> 0)::int4; END IF;
  IF wide BETWEEN tsql.integer_lowest(target) AND tsql.integer_highest(target) THEN RETURN wide::int8; END IF;
  IF tried THEN RETURN NULL; END IF;
  IF target = 'bigint' THEN
    PERFORM tsql.raise_error(8115, 16, 2, 'Arithmetic overflow error converting expression to data type bigint.');
  ELSIF target = 'int' THEN
    PERFORM tsql.raise_error(248, 16, 1, 'The conversion of the ' || source || ' value ''' || x || ''' overflowed an int column.');
  END IF;
  PERFORM tsql.raise_error(244, 16, 1, 'The conversion of the ' || source || ' value ''' || x || ''' overflowed an ' ||
    CASE target WHEN 'tinyint' THEN 'INT1' ELSE 'INT2' END || ' column. Use a larger integer column.');
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION tsql.fits_numeric(x numeric, digits int4, decimals int4) RETURNS bool
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT abs(round(x, decimals)) < power(10::numeric, digits - decimals)
$$;

CREATE OR REPLACE FUNCTION tsql.try_numeric(x numeric, digits int4, decimals int4) RETURNS numeric
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN tsql.fits_numeric(x, digits, decimals) THEN round(x, decimals) END
$$;

CREATE OR REPLACE FUNCTION tsql.text_to_decimal(x text, digits int4, decimals int4, source text, tried bool) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  trimmed text := btrim(x, ' ');
BEGIN
  IF trimmed !~ '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)$' THEN
    IF tried THEN RETURN NULL; END IF;
    PERFORM tsql.raise_error(8114, 16, 5, 'Error converting data type ' || source || ' to numeric.');
  END IF;
  IF tsql.fits_numeric(trimmed::numeric, digits, decimals) THEN RETURN round(trimmed::numeric, decimals); END IF;
  IF tried THEN RETURN NULL; END IF;
  PERFORM tsql.raise_error(8115, 16, 8, 'Arithmetic overflow error converting ' || source || ' to data type numeric.');
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION tsql.text_to_float(x text, target text, source text, tried bool) RETURNS float8
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  trimmed text := btrim(x, ' ');
BEGIN
  IF trimmed = '' THEN RETURN 0; END IF;
  IF trimmed !~ '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eEdD][+-]?[0-9]+)?$' THEN
    IF tried THEN RETURN NULL; END IF;
    PERFORM tsql.raise_error(8114, 16, 5, 'Error converting data type ' || source || ' to ' || target || '.');
  END IF;
  IF abs(translate(trimmed, 'dD', 'ee')::numeric) > 1.79e308 THEN
    IF tried THEN RETURN NULL; END IF;
    PERFORM tsql.raise_error(8115, 16, 2, 'Arithmetic overflow error converting expression to data type ' || target || '.');
  END IF;
  RETURN translate(trimmed, 'dD', 'ee')::float8;
END $$;

CREATE OR REPLACE FUNCTION tsql.to_money(x numeric, target text, source text, tried bool) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  greatest_value numeric := CASE target WHEN 'money' THEN 922337203685477.5807 ELSE 214748.3647 END;
BEGIN
  IF round(x, 4) BETWEEN -greatest_value - 0.0001 AND greatest_value THEN RETURN round(x, 4); END IF;
  IF tried THEN RETURN NULL; END IF;
  PERFORM tsql.raise_error(8115, 16, 4, 'Arithmetic overflow error converting ' || tsql.message_type(source) || ' to data type ' || target || '.');
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION tsql.text_to_money(x text, target text, tried bool) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  plain text := replace(regexp_replace(btrim(x, ' '), '^([+-]?) *[$€£¥]? *([+-]?)', '\1\2'), ',', '');
BEGIN
  IF plain = '' THEN RETURN 0; END IF;
  IF plain !~ '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)$' THEN
    IF tried THEN RETURN NULL; END IF;
    PERFORM tsql.raise_error(235, 16, 0, 'Cannot convert a char value to money. The char value has incorrect syntax.');
  END IF;
  RETURN tsql.to_money(plain::numeric, target, 'varchar', tried);
END $$;

CREATE OR REPLACE FUNCTION tsql.money_to_text(x numeric, style int4) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE style WHEN 0 THEN round(x, 2)::text WHEN 2 THEN round(x, 4)::text
    ELSE to_char(x, 'FM999,999,999,999,999,990.00') END
$$;

-- A float in C's %g or %e form, with the three digits of exponent that SQL Server writes.
CREATE OR REPLACE FUNCTION tsql.float_digits(x float8, digits int4, scientific bool) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  exact numeric := x::text::numeric;
  exponent int4;
  mantissa numeric;
  plain text;
BEGIN
  IF exact = 0 AND NOT scientific THEN RETURN '0'; END IF;
  exponent := CASE WHEN exact = 0 THEN 0 ELSE floor(log(abs(exact)))::int4 END;
  mantissa := round(exact * power(10::numeric, -exponent), digits - 1);
  IF abs(mantissa) >= 10 THEN
    exponent := exponent + 1;
    mantissa := round(exact * power(10::numeric, -exponent), digits - 1);
  ELSIF exact <> 0 AND abs(mantissa) < 1 THEN
    exponent := exponent - 1;
    mantissa := round(exact * power(10::numeric, -exponent), digits - 1);
  END IF;
  IF NOT scientific AND exponent BETWEEN -4 AND digits - 1 THEN
    plain := trim_scale(round(exact, greatest(digits - 1 - exponent, 0)))::text;
    RETURN plain;
  END IF;
  RETURN (CASE WHEN scientific THEN mantissa ELSE trim_scale(mantissa) END)::text || 'e'
    || CASE WHEN exponent < 0 THEN '-' ELSE '+' END || lpad(abs(exponent)::text, 3, '0');
END $$;

CREATE OR REPLACE FUNCTION tsql.float_to_text(x float8, style int4) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE style WHEN 0 THEN tsql.float_digits(x, 6, false) WHEN 1 THEN tsql.float_digits(x, 8, true)
    WHEN 2 THEN tsql.float_digits(x, 16, true) ELSE tsql.float_digits(x, 17, true) END
$$;

CREATE OR REPLACE FUNCTION tsql.real_to_text(x float4, style int4) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE style WHEN 0 THEN tsql.float_digits(x::text::float8, 6, false) WHEN 1 THEN tsql.float_digits(x::text::float8, 8, true)
    WHEN 2 THEN tsql.float_digits(x::float8, 16, true) ELSE tsql.float_digits(x::float8, 9, true) END
$$;

-- A number's text in a type that may be too short: '*' for integers in (var)char, an error otherwise.
CREATE OR REPLACE FUNCTION tsql.fit_number(x text, length int4, source text, target text, tried bool) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF octet_length(x) <= length THEN RETURN x; END IF;
  IF target IN ('char', 'varchar') AND source IN ('tinyint', 'smallint', 'int') THEN RETURN '*'; END IF;
  IF tried THEN RETURN NULL; END IF;
  IF source = 'uniqueidentifier' THEN
    PERFORM tsql.raise_error(8170, 16, 2, 'Insufficient result space to convert uniqueidentifier value to char.');
  ELSIF source IN ('money', 'smallmoney') THEN
    PERFORM tsql.raise_error(234, 16, 2, 'There is insufficient result space to convert a money value to ' || target || '.');
  ELSIF source IN ('float', 'real', 'decimal', 'numeric') THEN
    PERFORM tsql.raise_error(8115, 16, 5, 'Arithmetic overflow error converting ' || tsql.message_type(source) || ' to data type ' || target || '.');
  END IF;
  PERFORM tsql.raise_error(8115, 16, 2, 'Arithmetic overflow error converting expression to data type ' || target || '.');
  RETURN NULL;
END $$;

-- Quotient of decimals, cut (not rounded) at the result's scale. Division by zero is PostgreSQL's 22012.
CREATE OR REPLACE FUNCTION tsql.decimal_quotient(a numeric, b numeric, decimals int4) RETURNS numeric
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT div(a * power(10::numeric, decimals), b) / power(10::numeric, decimals)
$$;

CREATE OR REPLACE FUNCTION tsql.is_numeric(x text) RETURNS int4
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(tsql.text_to_money(x, 'money', true) IS NOT NULL AND btrim(x, ' ') <> ''
    OR tsql.text_to_float(x, 'float', 'varchar', true) IS NOT NULL AND btrim(x, ' ') <> ''
    OR tsql.text_to_decimal(x, 38, 0, 'varchar', true) IS NOT NULL, false)::int4
$$;

-- STR(x, length, decimals): right-justified; asterisks when the integer part does not fit.
CREATE OR REPLACE FUNCTION tsql.str(x float8, length int4, decimals int4) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  whole text := round(x::numeric, 0)::text;
  places int4 := least(decimals, 16);
  result text;
BEGIN
  IF length < 0 OR length > 8000 OR decimals < 0 THEN RETURN NULL; END IF;
  IF octet_length(whole) > length THEN RETURN repeat('*', length); END IF;
  places := greatest(least(places, length - octet_length(trunc(x::numeric)::text) - 1), 0);
  result := round(x::numeric, places)::text;
  RETURN lpad(result, length);
END $$;

-- ROUND of exact numbers keeps the type's scale; negative lengths round before the point; a third argument truncates.
CREATE OR REPLACE FUNCTION tsql.round_numeric(x numeric, places int4, truncate int4, decimals int4) RETURNS numeric
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT round(CASE WHEN truncate = 0 THEN round(x, places) ELSE trunc(x, places) END, decimals)
$$;

CREATE OR REPLACE FUNCTION tsql.round_float(x float8, places int4, truncate int4) RETURNS float8
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT (CASE WHEN truncate = 0 THEN round(x::text::numeric, places) ELSE trunc(x::text::numeric, places) END)::float8
$$;

-- The number of rows of TOP, OFFSET or FETCH.
CREATE OR REPLACE FUNCTION tsql.row_count(x int8, clause text) RETURNS int8
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  IF x IS NULL THEN
    PERFORM tsql.raise_error(1014, 15, 1, 'A TOP or FETCH clause contains an invalid value.');
  ELSIF x < 0 AND clause = 'top' THEN
    PERFORM tsql.raise_error(127, 15, 1, 'A TOP N or FETCH rowcount value may not be negative.');
  ELSIF x < 0 AND clause = 'offset' THEN
    PERFORM tsql.raise_error(10742, 15, 1, 'The offset specified in a OFFSET clause may not be negative.');
  ELSIF x < 1 AND clause = 'fetch' THEN
    PERFORM tsql.raise_error(10744, 15, 1, 'The number of rows provided for a FETCH clause must be greater then zero.');
  END IF;
  RETURN x;
END $$;
