-- Schema, collations and the raising of SQL Server errors. Loaded before the other files of this directory.

CREATE SCHEMA IF NOT EXISTS tsql;

-- CI/CS: ICU levels 1 to 3. Nondeterministic: strings that compare equal are equal, also in unique indexes.
CREATE COLLATION IF NOT EXISTS tsql.ci_ai (provider = icu, locale = 'und-u-ks-level1', deterministic = false);
CREATE COLLATION IF NOT EXISTS tsql.ci_as (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE COLLATION IF NOT EXISTS tsql.cs_as (provider = icu, locale = 'und-u-ks-level3', deterministic = false);
CREATE COLLATION IF NOT EXISTS tsql.cs_ai (provider = icu, locale = 'und-u-ks-level1-kc-true', deterministic = false);
-- For upper, lower and regular expressions, which need a deterministic collation that knows letters beyond ASCII.
CREATE COLLATION IF NOT EXISTS tsql.unicode (provider = icu, locale = 'und');

-- Raises SQL Server error `number`. The message has the form number|class|state|text under SQLSTATE TSQL1.
CREATE OR REPLACE FUNCTION tsql.raise_error(number int4, class int4, state int4, message text) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'TSQL1', MESSAGE = number || '|' || class || '|' || state || '|' || message;
END $$;

-- The same inside an expression: the witness only gives the type.
CREATE OR REPLACE FUNCTION tsql.fail(witness anyelement, number int4, class int4, state int4, message text)
RETURNS anyelement LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  PERFORM tsql.raise_error(number, class, state, message);
  RETURN witness;
END $$;

-- Depth of a row that a recursive common table expression adds. 0 means no limit.
CREATE OR REPLACE FUNCTION tsql.recursion_depth(depth int4, most int4) RETURNS int4
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  IF most > 0 AND depth >= most THEN
    PERFORM tsql.raise_error(530, 16, 1, 'The statement terminated. The maximum recursion ' || most || ' has been exhausted before statement completion.');
  END IF;
  RETURN depth + 1;
END $$;
