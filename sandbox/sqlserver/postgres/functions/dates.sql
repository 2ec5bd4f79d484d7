-- Dates and times. `ticks` are 100 ns since 0001-01-01; datetime counts 1/300 s since 1900-01-01, smalldatetime
-- minutes since 1900-01-01, date days since 0001-01-01, time 100 ns since midnight.

CREATE OR REPLACE FUNCTION tsql.datetime_to_ticks(x int8) RETURNS int8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (x + 17977982400000) / 3 * 100000 + ((x + 17977982400000) % 3 * 100000 + 1) / 3
$$;

-- Ticks of a datetime with its milliseconds as they are shown: .000, .003, .007.
CREATE OR REPLACE FUNCTION tsql.datetime_to_shown_ticks(x int8) RETURNS int8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT (tsql.datetime_to_ticks(x) + 5000) / 10000 * 10000 $$;

CREATE OR REPLACE FUNCTION tsql.smalldatetime_to_ticks(x int4) RETURNS int8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 599266080000000000 + x::int8 * 600000000 $$;

CREATE OR REPLACE FUNCTION tsql.round_ticks(x int8, unit int8) RETURNS int8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT (x + unit / 2) / unit * unit $$;

-- Takes the value although it does not need it: PostgreSQL calls a function of constants alone while it plans the query.
CREATE OR REPLACE FUNCTION tsql.out_of_range(x int8, target text, source text, tried bool) RETURNS int8
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  IF NOT tried THEN
    PERFORM tsql.raise_error(242, 16, 3, 'The conversion of a ' || source || ' data type to a ' || target || ' data type resulted in an out-of-range value.');
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION tsql.check_datetime(x int8, source text, tried bool) RETURNS int8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN x BETWEEN -1391644800000 AND 76683386879999 THEN x WHEN x IS NULL THEN NULL
    ELSE tsql.out_of_range(x, 'datetime', source, tried) END
$$;

CREATE OR REPLACE FUNCTION tsql.ticks_to_datetime(x int8, source text, tried bool) RETURNS int8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT tsql.check_datetime(x / 100000 * 3 + (x % 100000 * 3 + 50000) / 100000 - 17977982400000, source, tried)
$$;

-- 1900-01-01 00:00 to 2079-06-06 23:59, rounded to the minute.
CREATE OR REPLACE FUNCTION tsql.ticks_to_smalldatetime(x int8, source text, tried bool) RETURNS int4
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN x IS NULL THEN NULL
    WHEN (x - 599266080000000000 + 300000000) / 600000000 BETWEEN 0 AND 94371839 AND x >= 599266080000000000
      THEN (x - 599266080000000000 + 300000000) / 600000000
    ELSE tsql.out_of_range(x, 'smalldatetime', source, tried) END::int4
$$;

CREATE OR REPLACE FUNCTION tsql.datetime_to_days(x int8) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT round(x::numeric / 25920000, 20) $$;

-- A number of days since 1900-01-01 as datetime counts, inside the range of the target.
CREATE OR REPLACE FUNCTION tsql.days_to_datetime(days numeric, target text, tried bool) RETURNS int8
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  least_days int4 := CASE target WHEN 'smalldatetime' THEN 0 ELSE -53690 END;
  end_days int4 := CASE target WHEN 'smalldatetime' THEN 65536 ELSE 2958464 END;
BEGIN
  IF days >= least_days AND days < end_days THEN RETURN round(days * 25920000)::int8; END IF;
  IF NOT tried THEN
    PERFORM tsql.raise_error(8115, 16, 2, 'Arithmetic overflow error converting expression to data type ' || target || '.');
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION tsql.ticks_to_date(x int8) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT date '0001-01-01' + (x / 864000000000)::int4 $$;

CREATE OR REPLACE FUNCTION tsql.date_to_ticks(x date) RETURNS int8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT (x - date '0001-01-01')::int8 * 864000000000 $$;

CREATE OR REPLACE FUNCTION tsql.sysdatetime() RETURNS int8
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT 599266080000000000 + ((extract(epoch FROM statement_timestamp()) + 2208988800) * 10000000)::int8
$$;

CREATE OR REPLACE FUNCTION tsql.getdate() RETURNS int8
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT tsql.ticks_to_datetime(tsql.sysdatetime(), 'datetime2', false) $$;

-- A point in time as text by the styles of CONVERT. `digits` of the second's fraction; `legacy`: datetime, which writes
-- a colon before the milliseconds in styles 13, 14, 113 and 114.
CREATE OR REPLACE FUNCTION tsql.ticks_to_text(x int8, style int4, digits int4, legacy bool) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  moment timestamp := tsql.ticks_to_date(x) + (x % 864000000000 / 10000000) * interval '1 second';
  fraction text := CASE digits WHEN 0 THEN '' ELSE lpad((x % 10000000 / (10 ^ (7 - digits))::int8)::text, digits, '0') END;
  point text := CASE WHEN digits = 0 THEN '' ELSE '.' END;
BEGIN
  RETURN CASE
    WHEN style IN (0, 100) THEN to_char(moment, 'Mon ') || lpad(to_char(moment, 'FMDD'), 2) || to_char(moment, ' YYYY ')
      || lpad(to_char(moment, 'FMHH12'), 2) || to_char(moment, ':MIAM')
    WHEN style IN (120, 20) THEN to_char(moment, 'YYYY-MM-DD HH24:MI:SS')
    WHEN style IN (121, 21, 25) THEN to_char(moment, 'YYYY-MM-DD HH24:MI:SS') || point || fraction
    WHEN style IN (126, 127) THEN to_char(moment, 'YYYY-MM-DD"T"HH24:MI:SS')
      || CASE WHEN x % 10000000 = 0 THEN '' ELSE point || fraction END || CASE style WHEN 127 THEN 'Z' ELSE '' END
    WHEN style IN (112, 12) THEN to_char(moment, CASE WHEN style > 100 THEN 'YYYYMMDD' ELSE 'YYMMDD' END)
    WHEN style = 23 THEN to_char(moment, 'YYYY-MM-DD')
    WHEN style IN (8, 108) THEN to_char(moment, 'HH24:MI:SS')
    WHEN style = 101 THEN to_char(moment, 'MM/DD/YYYY') WHEN style = 1 THEN to_char(moment, 'MM/DD/YY')
    WHEN style = 102 THEN to_char(moment, 'YYYY.MM.DD') WHEN style = 2 THEN to_char(moment, 'YY.MM.DD')
    WHEN style = 103 THEN to_char(moment, 'DD/MM/YYYY') WHEN style = 3 THEN to_char(moment, 'DD/MM/YY')
    WHEN style = 104 THEN to_char(moment, 'DD.MM.YYYY') WHEN style = 4 THEN to_char(moment, 'DD.MM.YY')
    WHEN style = 105 THEN to_char(moment, 'DD-MM-YYYY') WHEN style = 5 THEN to_char(moment, 'DD-MM-YY')
    WHEN style = 106 THEN to_char(moment, 'DD Mon YYYY') WHEN style = 6 THEN to_char(moment, 'DD Mon YY')
    WHEN style = 107 THEN to_char(moment, 'Mon DD, YYYY') WHEN style = 7 THEN to_char(moment, 'Mon DD, YY')
    WHEN style = 110 THEN to_char(moment, 'MM-DD-YYYY') WHEN style = 10 THEN to_char(moment, 'MM-DD-YY')
    WHEN style = 111 THEN to_char(moment, 'YYYY/MM/DD') WHEN style = 11 THEN to_char(moment, 'YY/MM/DD')
    WHEN style = 113 THEN to_char(moment, 'DD Mon YYYY HH24:MI:SS') || CASE WHEN legacy THEN ':' ELSE point END || fraction
    WHEN style = 114 THEN to_char(moment, 'HH24:MI:SS') || CASE WHEN legacy THEN ':' ELSE point END || fraction
  END;
END $$;

CREATE OR REPLACE FUNCTION tsql.datetime_to_text(x int8, style int4) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT tsql.ticks_to_text(tsql.datetime_to_shown_ticks(x), style, 3, true)
$$;

CREATE OR REPLACE FUNCTION tsql.datetime2_to_text(x int8, style int4, digits int4) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT tsql.ticks_to_text(x, style, digits, false) $$;

CREATE OR REPLACE FUNCTION tsql.date_to_text(x int4, style int4) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT left(tsql.ticks_to_text(x::int8 * 864000000000, style, 0, false),
    CASE WHEN style IN (0, 100, 113) THEN 11 WHEN style IN (20, 21, 25, 120, 121, 126, 127) THEN 10 ELSE 20 END)
$$;

CREATE OR REPLACE FUNCTION tsql.time_to_text(x int8, style int4, digits int4) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN style IN (0, 100) THEN substr(tsql.ticks_to_text(x, 0, 0, false), 13)
    WHEN style IN (21, 25, 121, 126, 127) THEN substr(tsql.ticks_to_text(x, 121, digits, false), 12)
    WHEN style IN (114, 113) THEN tsql.ticks_to_text(x, 114, digits, false)
    ELSE tsql.ticks_to_text(x, 108, digits, false) END
$$;

-- Functions that only raise an error take a value of the row: of constants alone PostgreSQL would call them while planning.
CREATE OR REPLACE FUNCTION tsql.dateadd_overflow(x int8, target text) RETURNS int8
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  PERFORM tsql.raise_error(517, 16, 1, 'Adding a value to a ''' || target || ''' column caused an overflow.');
  RETURN NULL;
END $$;

-- Result of DATEADD, inside the range of its type.
CREATE OR REPLACE FUNCTION tsql.dateadd_result(x int8, target text) RETURNS int8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN x BETWEEN CASE target WHEN 'datetime' THEN 552877920000000000 WHEN 'smalldatetime' THEN 599266080000000000 ELSE 0 END
      AND CASE target WHEN 'smalldatetime' THEN 655889183999999999 ELSE 3155378975999999999 END THEN x
    WHEN x IS NULL THEN NULL ELSE tsql.dateadd_overflow(x, target) END
$$;

CREATE OR REPLACE FUNCTION tsql.dateadd_units(x int8, amount int8, unit int8, target text) RETURNS int8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT tsql.dateadd_result((x + amount::numeric * unit)::int8, target) $$;

CREATE OR REPLACE FUNCTION tsql.dateadd_months(x int8, amount int8, target text) RETURNS int8
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  day date := tsql.ticks_to_date(x);
  month int8 := extract(year FROM day)::int8 * 12 + extract(month FROM day)::int8 - 1 + amount;
BEGIN
  IF month < 12 OR month >= 120000 THEN RETURN tsql.dateadd_overflow(x, target); END IF;
  RETURN tsql.dateadd_result(tsql.date_to_ticks((day + make_interval(months => amount::int4))::date) + x % 864000000000, target);
END $$;

CREATE OR REPLACE FUNCTION tsql.month_number(x int8) RETURNS int8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT extract(year FROM tsql.ticks_to_date(x))::int8 * 12 + extract(month FROM tsql.ticks_to_date(x))::int8 - 1
$$;

-- Takes the difference only so that no call of it is constant: the planner would evaluate that, and raise, whatever the CASE says.
CREATE OR REPLACE FUNCTION tsql.datediff_overflow(name text, difference int8) RETURNS int8
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  PERFORM tsql.raise_error(535, 16, 0, 'The ' || name || ' function resulted in an overflow. The number of dateparts separating two date/time instances is too large. Try to use ' || name || ' with a less precise datepart.');
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION tsql.datediff_int(x int8) RETURNS int4
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN x BETWEEN -2147483648 AND 2147483647 THEN x WHEN x IS NULL THEN NULL ELSE tsql.datediff_overflow('datediff', x) END::int4
$$;

-- Sundays passed since before 0001-01-01 (a Monday): DATEDIFF counts weeks by Sundays whatever DATEFIRST says.
CREATE OR REPLACE FUNCTION tsql.week_number(x int8) RETURNS int8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT (x / 864000000000 + 1) / 7 $$;

CREATE OR REPLACE FUNCTION tsql.weekday(x int8, first int4) RETURNS int4
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT ((x / 864000000000 - first + 8) % 7)::int4 + 1 $$;

CREATE OR REPLACE FUNCTION tsql.week_of_year(x int8, first int4) RETURNS int4
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT ((extract(doy FROM tsql.ticks_to_date(x))::int4 - 1
    + tsql.weekday(tsql.date_to_ticks(date_trunc('year', tsql.ticks_to_date(x)::timestamp)::date), first) - 1) / 7) + 1
$$;

CREATE OR REPLACE FUNCTION tsql.eomonth(x int8, months int4) RETURNS int4
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (date_trunc('month', (tsql.ticks_to_date(x) + make_interval(months => months))) + interval '1 month - 1 day')::date - date '0001-01-01'
$$;

CREATE OR REPLACE FUNCTION tsql.datefromparts(years int4, months int4, days int4, target text) RETURNS int4
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF years BETWEEN 1 AND 9999 AND months BETWEEN 1 AND 12 AND days >= 1
    AND days <= extract(day FROM make_date(years, months, 1) + interval '1 month - 1 day') THEN
    RETURN make_date(years, months, days) - date '0001-01-01';
  END IF;
  PERFORM tsql.raise_error(289, 16, 1, 'Cannot construct data type ' || target || ', some of the arguments have values which are not valid.');
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION tsql.timefromparts(hours int4, minutes int4, seconds int4, milliseconds int4, target text) RETURNS int8
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF hours BETWEEN 0 AND 23 AND minutes BETWEEN 0 AND 59 AND seconds BETWEEN 0 AND 59 AND milliseconds BETWEEN 0 AND 999 THEN
    RETURN ((hours * 60 + minutes) * 60 + seconds)::int8 * 10000000 + milliseconds * 10000;
  END IF;
  PERFORM tsql.raise_error(289, 16, 3, 'Cannot construct data type ' || target || ', some of the arguments have values which are not valid.');
  RETURN NULL;
END $$;
