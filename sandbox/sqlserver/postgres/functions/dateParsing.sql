-- Dates and times from text (Transact-SQL reference: datetime, date, "String literal date and time formats").

CREATE OR REPLACE FUNCTION tsql.month_from_name(name text) RETURNS int4
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT min(n)::int4 FROM unnest(ARRAY['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september',
    'october', 'november', 'december']) WITH ORDINALITY AS months (month, n)
  WHERE lower(name) = month OR lower(name) = left(month, 3)
$$;

-- Years of two digits: 50 to 99 are 19xx (two digit year cutoff 2049).
CREATE OR REPLACE FUNCTION tsql.full_year(digits text) RETURNS int4
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN length(digits) > 2 THEN digits::int4 WHEN digits::int4 >= 50 THEN 1900 + digits::int4 ELSE 2000 + digits::int4 END
$$;

-- Year, month and day of the date part of a text; NULL when it has none of the known forms.
CREATE OR REPLACE FUNCTION tsql.date_parts(x text, format text, legacy bool) RETURNS int4[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  m text[];
BEGIN
  IF x = '' THEN RETURN ARRAY[1900, 1, 1]; END IF;
  m := regexp_match(x, '^(\d{4})(\d{2})(\d{2})$');
  IF m IS NOT NULL THEN RETURN ARRAY[m[1]::int4, m[2]::int4, m[3]::int4]; END IF;
  m := regexp_match(x, '^(\d{2})(\d{2})(\d{2})$');
  IF m IS NOT NULL THEN RETURN ARRAY[tsql.full_year(m[1]), m[2]::int4, m[3]::int4]; END IF;
  IF x ~ '^\d{4}$' THEN RETURN ARRAY[x::int4, 1, 1]; END IF;
  m := regexp_match(x, '^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})$');
  IF m IS NOT NULL THEN
    IF legacy AND format IN ('dmy', 'ydm') THEN RETURN ARRAY[m[1]::int4, m[4]::int4, m[3]::int4]; END IF;
    RETURN ARRAY[m[1]::int4, m[3]::int4, m[4]::int4];
  END IF;
  m := regexp_match(x, '^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})$');
  IF m IS NOT NULL THEN
    RETURN CASE
      WHEN format = 'ymd' AND length(m[4]) = 2 THEN ARRAY[tsql.full_year(m[1]), m[3]::int4, m[4]::int4]
      WHEN format = 'ydm' AND length(m[4]) = 2 THEN ARRAY[tsql.full_year(m[1]), m[4]::int4, m[3]::int4]
      WHEN format IN ('dmy', 'dym', 'ydm') THEN ARRAY[tsql.full_year(m[4]), m[3]::int4, m[1]::int4]
      ELSE ARRAY[tsql.full_year(m[4]), m[1]::int4, m[3]::int4] END;
  END IF;
  m := regexp_match(x, '^([A-Za-z]{3,9})[ .-]*(\d{1,2})(?:,? +|,|-)(\d{4}|\d{2})$');
  IF m IS NOT NULL THEN RETURN ARRAY[tsql.full_year(m[3]), tsql.month_from_name(m[1]), m[2]::int4]; END IF;
  m := regexp_match(x, '^(\d{1,2})[ -]*([A-Za-z]{3,9})[ ,.-]*(\d{4}|\d{2})$');
  IF m IS NOT NULL THEN RETURN ARRAY[tsql.full_year(m[3]), tsql.month_from_name(m[2]), m[1]::int4]; END IF;
  m := regexp_match(x, '^(\d{4})[ -]*([A-Za-z]{3,9})[ -]*(\d{1,2})$');
  IF m IS NOT NULL THEN RETURN ARRAY[m[1]::int4, tsql.month_from_name(m[2]), m[3]::int4]; END IF;
  RETURN NULL;
END $$;

-- The order of day, month and year that a style of CONVERT asks for; style 0: the session's DATEFORMAT.
CREATE OR REPLACE FUNCTION tsql.date_order(style int4, format text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN style IN (1, 101, 7, 107, 10, 110, 100) THEN 'mdy' WHEN style IN (3, 4, 5, 6, 103, 104, 105, 106, 113, 13) THEN 'dmy'
    WHEN style IN (2, 11, 12, 20, 21, 23, 25, 102, 111, 112, 120, 121, 126, 127) THEN 'ymd' ELSE format END
$$;

CREATE OR REPLACE FUNCTION tsql.text_to_ticks(x text, target text, style int4, format text, source text, tried bool) RETURNS int8
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  trimmed text := btrim(x, ' ');
  legacy bool := target IN ('datetime', 'smalldatetime');
  clock text[] := regexp_match(trimmed, '(?:^|[ T])(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:[.:](\d{1,9}))?)?)? ?([AaPp][Mm])?(Z)?$');
  day text := trimmed;
  parts int4[];
  hours int4 := 0;
  minutes int4 := 0;
  seconds int4 := 0;
  fraction int8 := 0;
BEGIN
  IF clock IS NOT NULL AND (clock[2] IS NOT NULL OR clock[5] IS NOT NULL) THEN
    day := rtrim(regexp_replace(trimmed, '(^|[ T])\d{1,2}(:\d{1,2}(:\d{1,2}([.:]\d{1,9})?)?)? ?([AaPp][Mm])?Z?$', ''), ' ');
    hours := clock[1]::int4;
    minutes := coalesce(clock[2]::int4, 0);
    seconds := coalesce(clock[3]::int4, 0);
    fraction := rpad(left(coalesce(clock[4], '0'), 7), 7, '0')::int8;
    IF clock[5] IS NOT NULL THEN
      hours := CASE WHEN hours NOT BETWEEN 1 AND 12 THEN 99 WHEN lower(clock[5]) = 'pm' THEN hours % 12 + 12 ELSE hours % 12 END;
    END IF;
  END IF;
  IF day ~ '^\d{4}-\d{2}-\d{2}$' AND trimmed ~ '^\d{4}-\d{2}-\d{2}T' THEN
    parts := ARRAY[left(day, 4)::int4, substr(day, 6, 2)::int4, right(day, 2)::int4];
  ELSE
    parts := tsql.date_parts(day, tsql.date_order(style, format), legacy);
  END IF;
  IF parts IS NULL OR parts[2] IS NULL OR (legacy AND length(coalesce(clock[4], '')) > 3) OR length(coalesce(clock[4], '')) > 7 THEN
    IF tried THEN RETURN NULL; END IF;
    PERFORM tsql.raise_error(CASE target WHEN 'smalldatetime' THEN 295 ELSE 241 END, 16,
      CASE target WHEN 'smalldatetime' THEN 3 ELSE 1 END,
      CASE target WHEN 'smalldatetime' THEN 'Conversion failed when converting character string to smalldatetime data type.'
      ELSE 'Conversion failed when converting date and/or time from character string.' END);
  END IF;
  IF hours > 23 OR minutes > 59 OR seconds > 59 OR parts[1] NOT BETWEEN (CASE WHEN legacy THEN 1753 ELSE 1 END) AND 9999
    OR parts[2] NOT BETWEEN 1 AND 12 OR parts[3] < 1
    OR parts[3] > extract(day FROM make_date(parts[1], parts[2], 1) + interval '1 month - 1 day') THEN
    IF tried THEN RETURN NULL; END IF;
    IF legacy THEN
      PERFORM tsql.raise_error(242, 16, 3, 'The conversion of a ' || source || ' data type to a ' || target || ' data type resulted in an out-of-range value.');
    END IF;
    PERFORM tsql.raise_error(241, 16, 1, 'Conversion failed when converting date and/or time from character string.');
  END IF;
  RETURN tsql.date_to_ticks(make_date(parts[1], parts[2], parts[3]))
    + ((hours * 60 + minutes) * 60 + seconds)::int8 * 10000000 + fraction;
END $$;

CREATE OR REPLACE FUNCTION tsql.is_date(x text, format text) RETURNS int4
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (btrim(x, ' ') <> '' AND tsql.text_to_ticks(x, 'datetime', 0, format, 'varchar', true) IS NOT NULL)::int4
$$;
