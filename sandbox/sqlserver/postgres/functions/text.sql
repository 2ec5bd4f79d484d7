-- Character data: lengths in UTF-16 units, code page 1252, padding, truncation on assignment, string functions.

CREATE OR REPLACE FUNCTION tsql.units(x text) RETURNS int4
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN octet_length(x) < 4 OR octet_length(x) = length(x) THEN length(x)
    ELSE length(x) + length(regexp_replace(x, '[\u0001-\uFFFF]', '', 'g')) END
$$;

-- LEN: without trailing blanks.
CREATE OR REPLACE FUNCTION tsql.len(x text) RETURNS int4
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT tsql.units(rtrim(x, ' ')) $$;

CREATE OR REPLACE FUNCTION tsql.is_astral(x text) RETURNS bool
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT octet_length(x) > length(x) AND x ~ '[\U00010000-\U0010FFFF]' $$;

-- Position (from 1) in UTF-16 units as characters of PostgreSQL: each supplementary character counts two units.
-- A position inside a surrogate pair has no meaning in PostgreSQL text.
CREATE OR REPLACE FUNCTION tsql.units_to_characters(x text, units int4) RETURNS int4
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  seen int4 := 0;
  characters int4 := 0;
  one text;
BEGIN
  FOREACH one IN ARRAY regexp_split_to_array(x, '') LOOP
    EXIT WHEN seen >= units;
    seen := seen + CASE WHEN octet_length(one) = 4 THEN 2 ELSE 1 END;
    characters := characters + 1;
  END LOOP;
  IF seen > units THEN
    PERFORM tsql.raise_error(50001, 16, 1, 'The sandbox does not support text with half of a surrogate pair.');
  END IF;
  RETURN characters + greatest(units - seen, 0);
END $$;

CREATE OR REPLACE FUNCTION tsql.left_units(x text, units int4) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN octet_length(x) <= units THEN x
    WHEN NOT tsql.is_astral(x) THEN left(x, units)
    ELSE left(x, tsql.units_to_characters(x, units)) END
$$;

-- The length is a value of the row: of constants alone PostgreSQL would call this while planning.
CREATE OR REPLACE FUNCTION tsql.invalid_length(units int4, function_name text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  IF function_name = 'left' THEN
    PERFORM tsql.raise_error(536, 16, 1, 'Invalid length parameter passed to the left function.');
  ELSIF function_name = 'right' THEN
    PERFORM tsql.raise_error(536, 16, 2, 'Invalid length parameter passed to the right function.');
  END IF;
  PERFORM tsql.raise_error(537, 16, 3, 'Invalid length parameter passed to the LEFT or SUBSTRING function.');
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION tsql.left_text(x text, units int4) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN units >= 0 THEN tsql.left_units(x, units) WHEN x IS NULL OR units IS NULL THEN NULL
    ELSE tsql.invalid_length(units, 'substring') END
$$;

CREATE OR REPLACE FUNCTION tsql.right_text(x text, units int4) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN units = 0 THEN left(x, 0)
    WHEN units > 0 AND NOT tsql.is_astral(x) THEN right(x, units)
    WHEN units > 0 AND tsql.units(x) <= units THEN x
    WHEN units > 0 THEN substr(x, 1 + tsql.units_to_characters(x, tsql.units(x) - units))
    WHEN x IS NULL OR units IS NULL THEN NULL
    ELSE tsql.invalid_length(units, 'right') END
$$;

-- SUBSTRING: a start below 1 eats from the length, as in SQL Server.
CREATE OR REPLACE FUNCTION tsql.substring_text(x text, start int4, units int4) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN x IS NULL OR start IS NULL OR units IS NULL THEN NULL
    WHEN units < 0 THEN tsql.invalid_length(units, 'substring')
    WHEN start::int8 + units <= 1 THEN ''
    WHEN NOT tsql.is_astral(x) THEN substr(x, greatest(start, 1), least(start::int8 + units - greatest(start, 1), 2147483646)::int4)
    ELSE tsql.right_text(
      tsql.left_units(x, least(start::int8 + units - 1, tsql.units(x))::int4),
      greatest(least(start::int8 + units - 1, tsql.units(x)) - greatest(start, 1) + 1, 0)::int4) END
$$;

CREATE OR REPLACE FUNCTION tsql.substring_binary(x bytea, start int4, bytes int4) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN x IS NULL OR start IS NULL OR bytes IS NULL THEN NULL
    WHEN bytes < 0 THEN tsql.fail(x, 537, 16, 3, 'Invalid length parameter passed to the LEFT or SUBSTRING function.')
    WHEN start::int8 + bytes <= 1 THEN ''::bytea
    ELSE substring(x FROM greatest(start, 1) FOR least(start::int8 + bytes - greatest(start, 1), 2147483646)::int4) END
$$;

-- What (var)char of code page 1252 keeps of a text; other characters become '?', supplementary ones '??'.
CREATE OR REPLACE FUNCTION tsql.to_code_page(x text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN octet_length(x) = length(x) THEN x ELSE
    regexp_replace(regexp_replace(x, '[\U00010000-\U0010FFFF]', '??', 'g'),
      '[^\u0001-\u00FF\u20AC\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\u017D\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\u017E\u0178]', '?', 'g') END
$$;

-- A text in char(n) or nchar(n): cut, then padded with blanks.
CREATE OR REPLACE FUNCTION tsql.fixed_text(x text, units int4) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN octet_length(x) = length(x) THEN rpad(x, units)
    ELSE tsql.left_units(x, units) || repeat(' ', greatest(units - tsql.units(x), 0)) END
$$;

CREATE OR REPLACE FUNCTION tsql.truncation_failure(x text, units int4, location text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  kept text := tsql.left_units(x, units);
BEGIN
  IF rtrim(x, ' ') = rtrim(kept, ' ') THEN RETURN kept; END IF;
  PERFORM tsql.raise_error(2628, 16, 1, 'String or binary data would be truncated in ' || location || '. Truncated value: ''' || left(kept, 100) || '''.');
  RETURN NULL;
END $$;

-- A text assigned to a column of at most `units`: trailing blanks may be lost, anything else is error 2628.
-- `location`: table '…', column '…'.
CREATE OR REPLACE FUNCTION tsql.fit_text(x text, units int4, location text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN x IS NULL OR octet_length(x) <= units OR tsql.units(x) <= units THEN x
    ELSE tsql.truncation_failure(x, units, location) END
$$;

CREATE OR REPLACE FUNCTION tsql.fit_binary(x bytea, bytes int4, location text) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN x IS NULL OR octet_length(x) <= bytes THEN x
    ELSE tsql.fail(x, 2628, 16, 1, 'String or binary data would be truncated in ' || location || '. Truncated value: ''''.') END
$$;

CREATE OR REPLACE FUNCTION tsql.upper(x text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN octet_length(x) = length(x) THEN pg_catalog.upper(x)
    ELSE regexp_replace(pg_catalog.upper(replace(x, 'ß', U&'\E0DF') COLLATE tsql.unicode), U&'\E0DF', 'ß', 'g') END
$$;

CREATE OR REPLACE FUNCTION tsql.lower(x text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN octet_length(x) = length(x) THEN pg_catalog.lower(x) ELSE pg_catalog.lower(x COLLATE tsql.unicode) END
$$;

CREATE OR REPLACE FUNCTION tsql.replicate(x text, times int4) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT CASE WHEN times >= 0 THEN repeat(x, times) END $$;

CREATE OR REPLACE FUNCTION tsql.stuff(x text, start int4, units int4, inserted text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN start < 1 OR units < 0 OR start > tsql.units(x) THEN NULL
    WHEN x IS NULL OR start IS NULL OR units IS NULL THEN NULL
    ELSE tsql.left_units(x, start - 1) || coalesce(inserted, '') ||
      tsql.right_text(x, greatest(tsql.units(x) - least(start::int8 - 1 + units, tsql.units(x)), 0)::int4) END
$$;

CREATE OR REPLACE FUNCTION tsql.quotename(x text, quote text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  opening text := CASE quote WHEN ']' THEN '[' WHEN ')' THEN '(' WHEN '>' THEN '<' WHEN '}' THEN '{' ELSE quote END;
  closing text := CASE quote WHEN '[' THEN ']' WHEN '(' THEN ')' WHEN '<' THEN '>' WHEN '{' THEN '}' ELSE quote END;
BEGIN
  IF tsql.units(x) > 128 OR position(quote IN '[](){}<>''"`') = 0 OR octet_length(quote) <> 1 THEN RETURN NULL; END IF;
  RETURN opening || replace(x, closing, closing || closing) || closing;
END $$;

CREATE OR REPLACE FUNCTION tsql.nchar(code int4) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF code < 0 OR code > 65535 THEN RETURN NULL; END IF;
  IF code = 0 OR code BETWEEN 55296 AND 57343 THEN
    PERFORM tsql.raise_error(50001, 16, 1, 'The sandbox does not support the character U+' || upper(lpad(to_hex(code), 4, '0')) || ' in text.');
  END IF;
  RETURN chr(code);
END $$;

CREATE OR REPLACE FUNCTION tsql.char(code int4) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF code < 0 OR code > 255 THEN RETURN NULL; END IF;
  IF code = 0 THEN PERFORM tsql.raise_error(50001, 16, 1, 'The sandbox does not support the character U+0000 in text.'); END IF;
  IF code < 128 OR code >= 160 THEN RETURN chr(code); END IF;
  IF code IN (129, 141, 143, 144, 157) THEN RETURN chr(code); END IF;
  RETURN convert_from(set_byte('\x00'::bytea, 0, code), 'WIN1252');
END $$;

CREATE OR REPLACE FUNCTION tsql.ascii(x text) RETURNS int4
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT CASE WHEN x <> '' THEN get_byte(tsql.code_page_bytes(left(x, 1)), 0) END $$;

-- UNICODE: the first UTF-16 unit.
CREATE OR REPLACE FUNCTION tsql.unicode_unit(x text) RETURNS int4
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN x = '' THEN NULL WHEN pg_catalog.ascii(x) < 65536 THEN pg_catalog.ascii(x)
    ELSE 55296 + (pg_catalog.ascii(x) - 65536) / 1024 END
$$;

CREATE OR REPLACE FUNCTION tsql.string_split(x text, separator text) RETURNS TABLE (value text, ordinal int8)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  IF separator IS NULL OR tsql.units(separator) <> 1 THEN
    PERFORM tsql.raise_error(214, 16, 11, 'Procedure expects parameter ''separator'' of type ''nchar(1)/nvarchar(1)''.');
  END IF;
  RETURN QUERY SELECT part, number FROM unnest(CASE WHEN x = '' THEN ARRAY[''] ELSE string_to_array(x, separator) END)
    WITH ORDINALITY AS parts (part, number) WHERE x IS NOT NULL;
END $$;

-- True, or error 1946: the key of a row is longer than an index can hold.
CREATE OR REPLACE FUNCTION tsql.key_fits(bytes int4, limit_bytes int4, index_name text, kind text) RETURNS bool
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  IF bytes > limit_bytes THEN
    PERFORM tsql.raise_error(1946, 16, 3, 'Operation failed. The index entry of length ' || bytes || ' bytes for the index '''
      || index_name || ''' exceeds the maximum length of ' || limit_bytes || ' bytes for ' || kind || ' indexes.');
  END IF;
  RETURN true;
END $$;
