-- datetimeoffset: an instant (100 ns since 0001-01-01 UTC) and the minutes that its clock is ahead of UTC. Values compare,
-- order, group and are unique by the instant alone (Transact-SQL reference, datetimeoffset: "comparisons … in UTC").

DO $$ BEGIN
  IF to_regtype('tsql.datetimeoffset') IS NULL THEN
    CREATE TYPE tsql.datetimeoffset AS (utc int8, offset_minutes int4);
  END IF;
END $$;

CREATE OR REPLACE FUNCTION tsql.datetimeoffset_lt(a tsql.datetimeoffset, b tsql.datetimeoffset) RETURNS bool
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT (a).utc < (b).utc $$;

CREATE OR REPLACE FUNCTION tsql.datetimeoffset_le(a tsql.datetimeoffset, b tsql.datetimeoffset) RETURNS bool
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT (a).utc <= (b).utc $$;

CREATE OR REPLACE FUNCTION tsql.datetimeoffset_eq(a tsql.datetimeoffset, b tsql.datetimeoffset) RETURNS bool
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT (a).utc = (b).utc $$;

CREATE OR REPLACE FUNCTION tsql.datetimeoffset_ne(a tsql.datetimeoffset, b tsql.datetimeoffset) RETURNS bool
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT (a).utc <> (b).utc $$;

CREATE OR REPLACE FUNCTION tsql.datetimeoffset_ge(a tsql.datetimeoffset, b tsql.datetimeoffset) RETURNS bool
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT (a).utc >= (b).utc $$;

CREATE OR REPLACE FUNCTION tsql.datetimeoffset_gt(a tsql.datetimeoffset, b tsql.datetimeoffset) RETURNS bool
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT (a).utc > (b).utc $$;

CREATE OR REPLACE FUNCTION tsql.datetimeoffset_order(a tsql.datetimeoffset, b tsql.datetimeoffset) RETURNS int4
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT btint8cmp((a).utc, (b).utc) $$;

CREATE OR REPLACE FUNCTION tsql.datetimeoffset_hash(a tsql.datetimeoffset) RETURNS int4
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT hashint8((a).utc) $$;

CREATE OR REPLACE FUNCTION tsql.earlier(a tsql.datetimeoffset, b tsql.datetimeoffset) RETURNS tsql.datetimeoffset
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT CASE WHEN (b).utc < (a).utc THEN b ELSE a END $$;

CREATE OR REPLACE FUNCTION tsql.later(a tsql.datetimeoffset, b tsql.datetimeoffset) RETURNS tsql.datetimeoffset
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT CASE WHEN (b).utc > (a).utc THEN b ELSE a END $$;

-- In schema public, where operators without a schema are looked up.
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_opclass WHERE opcname = 'datetimeoffset_ops') THEN RETURN; END IF;
  CREATE OPERATOR public.< (LEFTARG = tsql.datetimeoffset, RIGHTARG = tsql.datetimeoffset, FUNCTION = tsql.datetimeoffset_lt,
    COMMUTATOR = OPERATOR(public.>), NEGATOR = OPERATOR(public.>=), RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
  CREATE OPERATOR public.<= (LEFTARG = tsql.datetimeoffset, RIGHTARG = tsql.datetimeoffset, FUNCTION = tsql.datetimeoffset_le,
    COMMUTATOR = OPERATOR(public.>=), NEGATOR = OPERATOR(public.>), RESTRICT = scalarlesel, JOIN = scalarlejoinsel);
  CREATE OPERATOR public.= (LEFTARG = tsql.datetimeoffset, RIGHTARG = tsql.datetimeoffset, FUNCTION = tsql.datetimeoffset_eq,
    COMMUTATOR = OPERATOR(public.=), NEGATOR = OPERATOR(public.<>), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
  CREATE OPERATOR public.<> (LEFTARG = tsql.datetimeoffset, RIGHTARG = tsql.datetimeoffset, FUNCTION = tsql.datetimeoffset_ne,
    COMMUTATOR = OPERATOR(public.<>), NEGATOR = OPERATOR(public.=), RESTRICT = neqsel, JOIN = neqjoinsel);
  CREATE OPERATOR public.>= (LEFTARG = tsql.datetimeoffset, RIGHTARG = tsql.datetimeoffset, FUNCTION = tsql.datetimeoffset_ge,
    COMMUTATOR = OPERATOR(public.<=), NEGATOR = OPERATOR(public.<), RESTRICT = scalargesel, JOIN = scalargejoinsel);
  CREATE OPERATOR public.> (LEFTARG = tsql.datetimeoffset, RIGHTARG = tsql.datetimeoffset, FUNCTION = tsql.datetimeoffset_gt,
    COMMUTATOR = OPERATOR(public.<), NEGATOR = OPERATOR(public.<=), RESTRICT = scalargtsel, JOIN = scalargtjoinsel);
  CREATE OPERATOR CLASS tsql.datetimeoffset_ops DEFAULT FOR TYPE tsql.datetimeoffset USING btree AS
    OPERATOR 1 public.<, OPERATOR 2 public.<=, OPERATOR 3 public.=, OPERATOR 4 public.>=, OPERATOR 5 public.>,
    FUNCTION 1 tsql.datetimeoffset_order(tsql.datetimeoffset, tsql.datetimeoffset);
  CREATE OPERATOR CLASS tsql.datetimeoffset_ops DEFAULT FOR TYPE tsql.datetimeoffset USING hash AS
    OPERATOR 1 public.=, FUNCTION 1 tsql.datetimeoffset_hash(tsql.datetimeoffset);
  CREATE AGGREGATE public.min(tsql.datetimeoffset) (SFUNC = tsql.earlier, STYPE = tsql.datetimeoffset, SORTOP = OPERATOR(public.<));
  CREATE AGGREGATE public.max(tsql.datetimeoffset) (SFUNC = tsql.later, STYPE = tsql.datetimeoffset, SORTOP = OPERATOR(public.>));
END $$;

-- What the value's own clock shows, as datetime2 counts.
CREATE OR REPLACE FUNCTION tsql.datetimeoffset_to_ticks(x tsql.datetimeoffset) RETURNS int8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT (x).utc + (x).offset_minutes * 600000000::int8 $$;

-- Types without an offset are taken as UTC.
CREATE OR REPLACE FUNCTION tsql.ticks_to_datetimeoffset(x int8) RETURNS tsql.datetimeoffset
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT ROW(x, 0)::tsql.datetimeoffset $$;

CREATE OR REPLACE FUNCTION tsql.round_datetimeoffset(x tsql.datetimeoffset, unit int8) RETURNS tsql.datetimeoffset
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT ROW(tsql.round_ticks((x).utc, unit), (x).offset_minutes)::tsql.datetimeoffset
$$;

-- Style 121, the default of the type: YYYY-MM-DD hh:mm:ss[.nnnnnnn] {+|-}hh:mm.
CREATE OR REPLACE FUNCTION tsql.datetimeoffset_to_text(x tsql.datetimeoffset, digits int4) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT tsql.ticks_to_text(tsql.datetimeoffset_to_ticks(x), 121, digits, false)
    || CASE WHEN (x).offset_minutes < 0 THEN ' -' ELSE ' +' END
    || lpad((abs((x).offset_minutes) / 60)::text, 2, '0') || ':' || lpad((abs((x).offset_minutes) % 60)::text, 2, '0')
$$;

-- Text with a time may end with an offset of at most 14 hours; without one it is UTC. Both the shown date and the instant
-- lie between the years 1 and 9999.
CREATE OR REPLACE FUNCTION tsql.text_to_datetimeoffset(x text, style int4, format text, source text, tried bool) RETURNS tsql.datetimeoffset
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  m text[] := regexp_match(btrim(x, ' '), '^(.*:\d{1,2}(?:[.]\d{1,9})?(?: ?[AaPp][Mm])?) *([+-])(\d{2}):(\d{2})$');
  shown int8 := tsql.text_to_ticks(coalesce(m[1], x), 'datetimeoffset', style, format, source, tried);
  ahead int4 := coalesce((m[2] || '1')::int4 * (m[3]::int4 * 60 + m[4]::int4), 0);
  instant int8 := shown - ahead * 600000000::int8;
BEGIN
  IF shown IS NULL THEN RETURN NULL; END IF;
  IF abs(ahead) <= 840 AND coalesce(m[4]::int4, 0) <= 59 AND instant BETWEEN 0 AND 3155378975999999999 THEN
    RETURN ROW(instant, ahead)::tsql.datetimeoffset;
  END IF;
  IF NOT tried THEN
    PERFORM tsql.raise_error(241, 16, 1, 'Conversion failed when converting date and/or time from character string.');
  END IF;
  RETURN NULL;
END $$;
