-- LIKE, PATINDEX, CHARINDEX and REPLACE under SQL Server's collations.

-- Text without accents, for accent-insensitive patterns.
CREATE OR REPLACE FUNCTION tsql.without_accents(x text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN octet_length(x) = length(x) THEN x ELSE regexp_replace(normalize(x, NFD), '[\u0300-\u036F]', '', 'g') END
$$;

-- A pattern of LIKE as a regular expression; NULL for a NULL pattern. In a class ^ negates when first, a hyphen makes
-- a range, ] ends. A [ that is never closed matches nothing.
CREATE OR REPLACE FUNCTION tsql.like_expression(pattern text, escape text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  result text := '';
  characters text[] := regexp_split_to_array(pattern, '');
  i int4 := 1;
  one text;
  class text;
BEGIN
  IF pattern IS NULL THEN RETURN NULL; END IF;
  IF escape IS NOT NULL AND length(escape) <> 1 THEN
    PERFORM tsql.raise_error(506, 16, 1, 'The invalid escape character "' || escape || '" was specified in a LIKE predicate.');
  END IF;
  WHILE i <= coalesce(array_length(characters, 1), 0) AND pattern <> '' LOOP
    one := characters[i];
    IF escape IS NOT NULL AND one = escape AND i < array_length(characters, 1) THEN
      i := i + 1;
      result := result || tsql.regex_literal(characters[i]);
    ELSIF one = '%' THEN result := result || '.*';
    ELSIF one = '_' THEN result := result || '.';
    ELSIF one = '[' THEN
      class := tsql.like_class(characters, i, escape);
      IF class IS NULL THEN RETURN '(?!)'; END IF;
      result := result || split_part(class, E'\x01', 2);
      i := split_part(class, E'\x01', 1)::int4;
    ELSE result := result || tsql.regex_literal(one);
    END IF;
    i := i + 1;
  END LOOP;
  RETURN result;
END $$;

CREATE OR REPLACE FUNCTION tsql.regex_literal(x text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT CASE WHEN x ~ '[^A-Za-z0-9 ]' AND octet_length(x) = 1 THEN '\' || x ELSE x END $$;

-- The class that starts at characters[start]: index of its ], U+0001, regular expression. NULL when it is not closed.
CREATE OR REPLACE FUNCTION tsql.like_class(characters text[], start int4, escape text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  i int4 := start + 1;
  negated bool := false;
  body text := '';
  first bool := true;
BEGIN
  IF characters[i] = '^' THEN negated := true; i := i + 1; END IF;
  WHILE i <= array_length(characters, 1) LOOP
    IF characters[i] = ']' AND NOT first THEN
      RETURN i || E'\x01' || '[' || CASE WHEN negated THEN '^' ELSE '' END || body || ']';
    END IF;
    IF characters[i] = ']' THEN RETURN i || E'\x01' || CASE WHEN negated THEN '.' ELSE '(?!)' END; END IF;
    IF escape IS NOT NULL AND characters[i] = escape AND i < array_length(characters, 1) THEN
      i := i + 1;
      body := body || tsql.regex_class_literal(characters[i]);
    ELSIF characters[i] = '-' AND NOT first AND i < array_length(characters, 1) AND characters[i + 1] <> ']' THEN
      body := body || '-';
    ELSE
      body := body || tsql.regex_class_literal(characters[i]);
    END IF;
    first := false;
    i := i + 1;
  END LOOP;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION tsql.regex_class_literal(x text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT CASE WHEN x IN ('\', '[', ']', '^', '-') THEN '\' || x ELSE x END $$;

-- x LIKE pattern under a collation that is case sensitive or not, accent sensitive or not.
CREATE OR REPLACE FUNCTION tsql.matches(x text, pattern text, escape text, case_sensitive bool, accent_sensitive bool) RETURNS bool
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  expression text := '^' || tsql.like_expression(CASE WHEN accent_sensitive THEN pattern ELSE tsql.without_accents(pattern) END, escape) || '$';
  subject text := CASE WHEN accent_sensitive THEN x ELSE tsql.without_accents(x) END;
BEGIN
  IF case_sensitive THEN RETURN subject ~ ('(?s)' || expression) COLLATE tsql.unicode; END IF;
  RETURN subject ~* ('(?s)' || expression) COLLATE tsql.unicode;
END $$;

CREATE OR REPLACE FUNCTION tsql.patindex(pattern text, x text, case_sensitive bool, accent_sensitive bool) RETURNS int4
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  plain text := CASE WHEN accent_sensitive THEN pattern ELSE tsql.without_accents(pattern) END;
  subject text := CASE WHEN accent_sensitive THEN x ELSE tsql.without_accents(x) END;
  anchored bool := left(plain, 1) <> '%';
  open_end bool := right(plain, 1) = '%';
  expression text;
  flags text := CASE WHEN case_sensitive THEN 's' ELSE 'is' END;
  at int4;
BEGIN
  plain := CASE WHEN anchored THEN plain ELSE ltrim(plain, '%') END;
  plain := CASE WHEN open_end THEN rtrim(plain, '%') ELSE plain END;
  expression := CASE WHEN anchored THEN '^' ELSE '' END || tsql.like_expression(plain, NULL) || CASE WHEN open_end THEN '' ELSE '$' END;
  at := regexp_instr(subject COLLATE tsql.unicode, expression, 1, 1, 0, flags);
  RETURN CASE WHEN at > 1 THEN tsql.units(left(subject, at - 1)) + 1 ELSE at END;
END $$;

CREATE OR REPLACE FUNCTION tsql.folded(x text, case_sensitive bool, accent_sensitive bool) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN case_sensitive AND accent_sensitive THEN x
    WHEN accent_sensitive THEN tsql.lower(x)
    WHEN case_sensitive THEN tsql.without_accents(x)
    ELSE tsql.lower(tsql.without_accents(x)) END
$$;

CREATE OR REPLACE FUNCTION tsql.charindex(searched text, x text, start int4, case_sensitive bool, accent_sensitive bool) RETURNS int4
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  first int4 := greatest(start, 1);
  at int4;
BEGIN
  IF searched = '' THEN RETURN 0; END IF;
  at := position(tsql.folded(searched, case_sensitive, accent_sensitive)
    IN tsql.folded(tsql.substring_text(x, first, 2147483646), case_sensitive, accent_sensitive));
  IF at = 0 THEN RETURN 0; END IF;
  RETURN first + tsql.units(left(tsql.substring_text(x, first, 2147483646), at - 1));
END $$;

CREATE OR REPLACE FUNCTION tsql.replace(x text, searched text, replacement text, case_sensitive bool, accent_sensitive bool) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  result text := '';
  rest text := x;
  folded text := tsql.folded(searched, case_sensitive, accent_sensitive);
  at int4;
BEGIN
  IF searched = '' THEN RETURN x; END IF;
  IF case_sensitive AND accent_sensitive THEN RETURN pg_catalog.replace(x, searched, replacement); END IF;
  LOOP
    at := position(folded IN tsql.folded(rest, case_sensitive, accent_sensitive));
    EXIT WHEN at = 0;
    result := result || left(rest, at - 1) || replacement;
    rest := substr(rest, at + length(searched));
  END LOOP;
  RETURN result || rest;
END $$;
