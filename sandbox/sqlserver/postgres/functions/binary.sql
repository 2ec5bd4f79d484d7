-- Binary data, uniqueidentifier and hashes.

-- The bytes of a (var)char value: code page 1252, whose five unassigned bytes stand for U+0081, U+008D, U+008F, U+0090
-- and U+009D.
CREATE OR REPLACE FUNCTION tsql.code_page_bytes(x text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  result bytea := ''::bytea;
  one text;
BEGIN
  IF octet_length(x) = length(x) THEN RETURN convert_to(x, 'UTF8'); END IF;
  IF x !~ '[\u0081\u008D\u008F\u0090\u009D]' THEN RETURN convert_to(tsql.to_code_page(x), 'WIN1252'); END IF;
  FOREACH one IN ARRAY regexp_split_to_array(tsql.to_code_page(x), '') LOOP
    result := result || CASE WHEN pg_catalog.ascii(one) < 256 THEN set_byte('\x00'::bytea, 0, pg_catalog.ascii(one))
      ELSE convert_to(one, 'WIN1252') END;
  END LOOP;
  RETURN result;
END $$;

CREATE OR REPLACE FUNCTION tsql.code_page_text(x bytea) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  result text := '';
BEGIN
  FOR i IN 0 .. octet_length(x) - 1 LOOP
    result := result || tsql.char(get_byte(x, i));
  END LOOP;
  RETURN result;
END $$;

-- The bytes of an n(var)char value: UTF-16, little endian.
CREATE OR REPLACE FUNCTION tsql.utf16_bytes(x text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  hex text := '';
  code int4;
  one text;
BEGIN
  IF octet_length(x) = length(x) THEN
    RETURN decode(regexp_replace(encode(convert_to(x, 'UTF8'), 'hex'), '(..)', '\100', 'g'), 'hex');
  END IF;
  FOREACH one IN ARRAY regexp_split_to_array(x, '') LOOP
    code := pg_catalog.ascii(one);
    IF code >= 65536 THEN
      hex := hex || tsql.unit_hex(55296 + (code - 65536) / 1024);
      code := 56320 + (code - 65536) % 1024;
    END IF;
    hex := hex || tsql.unit_hex(code);
  END LOOP;
  RETURN decode(hex, 'hex');
END $$;

CREATE OR REPLACE FUNCTION tsql.unit_hex(code int4) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT lpad(to_hex(((code & 255) << 8) | (code >> 8)), 4, '0') $$;

CREATE OR REPLACE FUNCTION tsql.utf16_text(x bytea) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  result text := '';
  code int4;
  low int4;
  i int4 := 0;
BEGIN
  WHILE i < octet_length(x) LOOP
    code := get_byte(x, i) + CASE WHEN i + 1 < octet_length(x) THEN get_byte(x, i + 1) * 256 ELSE 0 END;
    i := i + 2;
    IF code BETWEEN 55296 AND 56319 AND i + 1 < octet_length(x) THEN
      low := get_byte(x, i) + get_byte(x, i + 1) * 256;
      IF low BETWEEN 56320 AND 57343 THEN
        result := result || chr(65536 + (code - 55296) * 1024 + low - 56320);
        i := i + 2;
        CONTINUE;
      END IF;
    END IF;
    result := result || tsql.nchar(code);
  END LOOP;
  RETURN result;
END $$;

CREATE OR REPLACE FUNCTION tsql.binary_to_text(x bytea, style int4, wide bool) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF style = 1 THEN RETURN '0x' || upper(encode(x, 'hex')); END IF;
  IF style = 2 THEN RETURN upper(encode(x, 'hex')); END IF;
  IF wide THEN RETURN tsql.utf16_text(x); END IF;
  RETURN tsql.code_page_text(x);
END $$;

CREATE OR REPLACE FUNCTION tsql.hex_to_binary(x text, style int4, tried bool) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  digits text := CASE WHEN style = 1 AND lower(left(x, 2)) = '0x' THEN substr(x, 3) ELSE x END;
BEGIN
  IF (style = 1 AND lower(left(x, 2)) <> '0x') OR digits !~ '^([0-9A-Fa-f]{2})*$' THEN
    IF tried THEN RETURN NULL; END IF;
    PERFORM tsql.raise_error(8114, 16, 5, 'Error converting data type varchar to varbinary.');
  END IF;
  RETURN decode(digits, 'hex');
END $$;

CREATE OR REPLACE FUNCTION tsql.fixed_binary(x bytea, bytes int4) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT substring(x || decode(repeat('00', greatest(bytes - octet_length(x), 0)), 'hex') FROM 1 FOR bytes)
$$;

CREATE OR REPLACE FUNCTION tsql.integer_to_binary(x int8, bytes int4) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN bytes <= 8 THEN substring(int8send(x) FROM 9 - bytes FOR bytes)
    ELSE decode(repeat('00', bytes - 8), 'hex') || int8send(x) END
$$;

-- The last bytes of a binary value, big endian, with sign.
CREATE OR REPLACE FUNCTION tsql.binary_to_integer(x bytea, bytes int4) RETURNS int8
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  length int4 := octet_length(x);
  taken int4 := least(length, bytes);
  result int8 := 0;
BEGIN
  FOR i IN length - taken .. length - 1 LOOP
    result := (result << 8) | get_byte(x, i);
  END LOOP;
  IF taken = bytes AND bytes < 8 AND bytes > 1 AND result >= (1::int8 << (8 * bytes - 1)) THEN
    result := result - (1::int8 << (8 * bytes));
  END IF;
  RETURN result;
END $$;

-- Values of uniqueidentifier compare by their last six bytes first: this permutation compares the same way.
CREATE OR REPLACE FUNCTION tsql.guid_order(x uuid) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (substr(x::text, 25, 12) || substr(x::text, 20, 4) || substr(x::text, 17, 2) || substr(x::text, 15, 2)
    || substr(x::text, 12, 2) || substr(x::text, 10, 2) || substr(x::text, 7, 2) || substr(x::text, 5, 2)
    || substr(x::text, 3, 2) || substr(x::text, 1, 2))::uuid
$$;

-- The first three groups of a uniqueidentifier are little endian in binary(16).
CREATE OR REPLACE FUNCTION tsql.guid_to_binary(x uuid) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT decode(substr(x::text, 7, 2) || substr(x::text, 5, 2) || substr(x::text, 3, 2) || substr(x::text, 1, 2)
    || substr(x::text, 12, 2) || substr(x::text, 10, 2) || substr(x::text, 17, 2) || substr(x::text, 15, 2)
    || substr(x::text, 20, 4) || substr(x::text, 25, 12), 'hex')
$$;

CREATE OR REPLACE FUNCTION tsql.binary_to_guid(x bytea, tried bool) RETURNS uuid
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  hex text := encode(tsql.fixed_binary(x, 16), 'hex');
BEGIN
  RETURN (substr(hex, 7, 2) || substr(hex, 5, 2) || substr(hex, 3, 2) || substr(hex, 1, 2) || substr(hex, 11, 2)
    || substr(hex, 9, 2) || substr(hex, 15, 2) || substr(hex, 13, 2) || substr(hex, 17))::uuid;
END $$;

-- Text after the 36 characters (38 with braces) is ignored.
CREATE OR REPLACE FUNCTION tsql.text_to_guid(x text, tried bool) RETURNS uuid
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  found text := substring(x FROM '^([0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12})');
BEGIN
  IF found IS NULL THEN found := substring(x FROM '^[{]([0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12})[}]'); END IF;
  IF found IS NULL AND NOT tried THEN
    PERFORM tsql.raise_error(8169, 16, 2, 'Conversion failed when converting from a character string to uniqueidentifier.');
  END IF;
  RETURN found::uuid;
END $$;

CREATE OR REPLACE FUNCTION tsql.hashbytes(algorithm text, x bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  CASE upper(algorithm)
    WHEN 'MD5' THEN RETURN decode(md5(x), 'hex');
    WHEN 'SHA', 'SHA1' THEN RETURN tsql.sha1(x);
    WHEN 'SHA2_256' THEN RETURN sha256(x);
    WHEN 'SHA2_512' THEN RETURN sha512(x);
    WHEN 'MD2', 'MD4' THEN
      PERFORM tsql.raise_error(50001, 16, 1, 'The sandbox does not support HASHBYTES with ' || algorithm || '.');
    ELSE NULL;
  END CASE;
  RETURN NULL;
END $$;

-- SHA-1 (FIPS 180-4): PostgreSQL has it only in an extension.
CREATE OR REPLACE FUNCTION tsql.sha1(x bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  mask constant int8 := 4294967295;
  bits constant int8 := octet_length(x)::int8 * 8;
  message bytea := x || '\x80'::bytea;
  h0 int8 := 1732584193; h1 int8 := 4023233417; h2 int8 := 2562383102; h3 int8 := 271733878; h4 int8 := 3285377520;
  a int8; b int8; c int8; d int8; e int8; f int8; k int8; t int8;
  w int8[];
BEGIN
  message := message || decode(repeat('00', (119 - octet_length(x) % 64) % 64), 'hex') || int8send(bits);
  FOR block IN 0 .. octet_length(message) / 64 - 1 LOOP
    w := array_fill(0::int8, ARRAY[80]);
    FOR i IN 0 .. 15 LOOP
      w[i + 1] := (get_byte(message, block * 64 + i * 4)::int8 << 24) | (get_byte(message, block * 64 + i * 4 + 1) << 16)
        | (get_byte(message, block * 64 + i * 4 + 2) << 8) | get_byte(message, block * 64 + i * 4 + 3);
    END LOOP;
    FOR i IN 17 .. 80 LOOP
      t := w[i - 3] # w[i - 8] # w[i - 14] # w[i - 16];
      w[i] := ((t << 1) | (t >> 31)) & mask;
    END LOOP;
    a := h0; b := h1; c := h2; d := h3; e := h4;
    FOR i IN 1 .. 80 LOOP
      IF i <= 20 THEN f := (b & c) | (((~b) & mask) & d); k := 1518500249;
      ELSIF i <= 40 THEN f := b # c # d; k := 1859775393;
      ELSIF i <= 60 THEN f := (b & c) | (b & d) | (c & d); k := 2400959708;
      ELSE f := b # c # d; k := 3395469782;
      END IF;
      t := ((((a << 5) | (a >> 27)) & mask) + f + e + k + w[i]) & mask;
      e := d; d := c; c := ((b << 30) | (b >> 2)) & mask; b := a; a := t;
    END LOOP;
    h0 := (h0 + a) & mask; h1 := (h1 + b) & mask; h2 := (h2 + c) & mask; h3 := (h3 + d) & mask; h4 := (h4 + e) & mask;
  END LOOP;
  RETURN decode(lpad(to_hex(h0), 8, '0') || lpad(to_hex(h1), 8, '0') || lpad(to_hex(h2), 8, '0')
    || lpad(to_hex(h3), 8, '0') || lpad(to_hex(h4), 8, '0'), 'hex');
END $$;

-- Values ascend under tsql.guid_order: the bytes of a time-ordered UUID put where SQL Server compares first.
CREATE OR REPLACE FUNCTION tsql.newsequentialid() RETURNS uuid
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  t text := replace(uuidv7()::text, '-', '');
BEGIN
  RETURN (substr(t, 31, 2) || substr(t, 29, 2) || substr(t, 27, 2) || substr(t, 25, 2) || substr(t, 23, 2) || substr(t, 21, 2)
    || substr(t, 19, 2) || substr(t, 17, 2) || substr(t, 13, 4) || substr(t, 1, 12))::uuid;
END $$;
