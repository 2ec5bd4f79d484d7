-- System functions of T-SQL about objects, columns and types. Each takes the session's database, default schema, user,
-- login and session id after its own arguments. Names compare without regard to case.

-- The parts of a name: [a].[b c]."d" -> {a,b c,d}; null for a text that is no name.
create or replace function sandbox.name_parts(name text) returns text[] language plpgsql immutable parallel safe as $$
declare
  parts text[] := '{}';
  part text := '';
  at int := 1;
  closing text;
  c text;
begin
  if name is null then
    return null;
  end if;
  while at <= length(name) loop
    c := substr(name, at, 1);
    if c in ('[', '"') and part = '' then
      closing := case c when '[' then ']' else '"' end;
      at := at + 1;
      loop
        if at > length(name) then
          return null;
        end if;
        c := substr(name, at, 1);
        if c = closing then
          exit when substr(name, at + 1, 1) <> closing;
          at := at + 1;
        end if;
        part := part || c;
        at := at + 1;
      end loop;
    elsif c = '.' then
      parts := parts || part;
      part := '';
    else
      part := part || c;
    end if;
    at := at + 1;
  end loop;
  return parts || rtrim(part);
end $$;

create or replace function sandbox.find_database(name text) returns int4 language sql stable parallel safe as $$
  select database_id from sandbox.database where name_key = upper(find_database.name)
$$;

-- The object of a name of up to three parts, seen from a database: its row in sandbox.object.
create or replace function sandbox.find_object(name text, db text, default_schema text, session_id int4)
returns sandbox.object language plpgsql stable as $$
declare
  parts text[] := sandbox.name_parts(name);
  count int := coalesce(array_length(parts, 1), 0);
  object_name text;
  schema_name text;
  database_name text;
  found sandbox.object;
  in_database int4;
begin
  if count not between 1 and 3 then
    return null;
  end if;
  object_name := upper(parts[count]);
  schema_name := case when count >= 2 then nullif(parts[count - 1], '') end;
  database_name := coalesce(case when count = 3 then nullif(parts[1], '') end, db);
  in_database := sandbox.find_database(database_name);
  if object_name like '#%' then
    if in_database <> 2 then
      return null;
    end if;
    select o.* into found from sandbox.object o
      where o.database_id = 2 and o.name_key = object_name and o.spid = session_id and o.parent_object_id = 0
      order by o.temp_scope desc limit 1;
    return found;
  end if;
  select o.* into found from sandbox.object o join sandbox.schema s
      on s.database_id = o.database_id and s.schema_id = o.schema_id
    where o.database_id = in_database and o.name_key = object_name
      and s.name_key = any (case when schema_name is null then array[upper(default_schema), 'DBO'] else array[upper(schema_name)] end)
    order by s.name_key = upper(default_schema) desc limit 1;
  return found;
end $$;

create or replace function tsql.object_id(name text, kind text, db text, default_schema text, user_name text, login_name text, session_id int4)
returns int4 language sql stable as $$
  select o.object_id from sandbox.find_object(name, db, default_schema, session_id) o
  where (kind is null or rtrim(upper(kind)) = o.type) and sandbox.is_visible(o, login_name)
$$;

create or replace function tsql.object_name(id int4, database int4, db text, default_schema text, user_name text, login_name text, session_id int4)
returns text language sql stable as $$
  select o.name from sandbox.object o
  where o.object_id = id and o.database_id = coalesce(database, sandbox.find_database(db)) and sandbox.is_visible(o, login_name)
$$;

create or replace function tsql.object_schema_name(id int4, database int4, db text, default_schema text, user_name text, login_name text, session_id int4)
returns text language sql stable as $$
  select s.name from sandbox.object o join sandbox.schema s on s.database_id = o.database_id and s.schema_id = o.schema_id
  where o.object_id = id and o.database_id = coalesce(database, sandbox.find_database(db)) and sandbox.is_visible(o, login_name)
$$;

-- The object of an identifier, null for who may not see it (Metadata visibility configuration). Temporary objects, whose
-- identifiers are negative, are those of tempdb.
create or replace function sandbox.visible_object(id int4, db text, login_name text)
returns sandbox.object language sql stable as $$
  select o from sandbox.object o
  where o.object_id = id and o.database_id = case when id < 0 then 2 else sandbox.find_database(db) end
    and sandbox.is_visible(o, login_name)
$$;

create or replace function tsql.objectproperty(id int4, property text, db text, default_schema text, user_name text, login_name text, session_id int4)
returns int4 language plpgsql stable as $$
declare
  o sandbox.object := sandbox.visible_object(id, db, login_name);
  in_database int4 := o.database_id;
begin
  if o.object_id is null then
    return null;
  end if;
  case upper(property)
    when 'ISUSERTABLE', 'ISTABLE' then return (o.type = 'U')::int;
    when 'ISVIEW' then return (o.type = 'V')::int;
    when 'ISTRIGGER' then return (o.type = 'TR')::int;
    when 'ISPRIMARYKEY' then return (o.type = 'PK')::int;
    when 'ISUNIQUECNST' then return (o.type = 'UQ')::int;
    when 'ISFOREIGNKEY' then return (o.type = 'F')::int;
    when 'ISCHECKCNST' then return (o.type = 'C')::int;
    when 'ISDEFAULTCNST' then return (o.type = 'D')::int;
    when 'ISCONSTRAINT' then return (o.type in ('PK', 'UQ', 'F', 'C', 'D'))::int;
    when 'ISPROCEDURE', 'ISSCALARFUNCTION', 'ISTABLEFUNCTION', 'ISINLINEFUNCTION', 'ISMSSHIPPED', 'ISSYSTEMTABLE' then return 0;
    when 'OWNERID' then
      return (select s.principal_id from sandbox.schema s where s.database_id = o.database_id and s.schema_id = o.schema_id);
    when 'SCHEMAID' then return o.schema_id;
    when 'TABLEHASIDENTITY' then
      return exists (select from sandbox."column" c where c.database_id = in_database and c.object_id = id and c.is_identity = 1)::int;
    when 'TABLEHASPRIMARYKEY' then
      return exists (select from sandbox.index i where i.database_id = in_database and i.object_id = id and i.is_primary_key = 1)::int;
    when 'TABLEHASFOREIGNKEY' then
      return exists (select from sandbox.object f where f.database_id = in_database and f.parent_object_id = id and f.type = 'F')::int;
    when 'TABLEHASFOREIGNREF' then
      return exists (select from sandbox.foreign_key f where f.database_id = in_database and f.referenced_object_id = id)::int;
    when 'TABLEHASCHECKCNST' then
      return exists (select from sandbox.object f where f.database_id = in_database and f.parent_object_id = id and f.type = 'C')::int;
    when 'TABLEHASDEFAULTCNST' then
      return exists (select from sandbox.object f where f.database_id = in_database and f.parent_object_id = id and f.type = 'D')::int;
    when 'TABLEHASCLUSTINDEX' then
      return exists (select from sandbox.index i where i.database_id = in_database and i.object_id = id and i.type = 1)::int;
    when 'TABLEHASINDEX' then
      return exists (select from sandbox.index i where i.database_id = in_database and i.object_id = id and i.type > 0)::int;
    when 'TABLEHASINSERTTRIGGER' then
      return exists (select from sandbox.trigger t join sandbox.object f on f.database_id = t.database_id and f.object_id = t.object_id
        where f.database_id = in_database and f.parent_object_id = id and t.on_insert = 1)::int;
    when 'TABLEHASUPDATETRIGGER' then
      return exists (select from sandbox.trigger t join sandbox.object f on f.database_id = t.database_id and f.object_id = t.object_id
        where f.database_id = in_database and f.parent_object_id = id and t.on_update = 1)::int;
    when 'TABLEHASDELETETRIGGER' then
      return exists (select from sandbox.trigger t join sandbox.object f on f.database_id = t.database_id and f.object_id = t.object_id
        where f.database_id = in_database and f.parent_object_id = id and t.on_delete = 1)::int;
    when 'EXECISTRIGGERDISABLED' then
      return (select t.is_disabled from sandbox.trigger t where t.database_id = in_database and t.object_id = id);
    when 'CNSTISDISABLED' then
      return coalesce(
        (select f.is_disabled from sandbox.foreign_key f where f.database_id = in_database and f.object_id = id),
        (select c.is_disabled from sandbox.check_constraint c where c.database_id = in_database and c.object_id = id));
    when 'CNSTISNOTTRUSTED' then
      return coalesce(
        (select f.is_not_trusted from sandbox.foreign_key f where f.database_id = in_database and f.object_id = id),
        (select c.is_not_trusted from sandbox.check_constraint c where c.database_id = in_database and c.object_id = id));
    else
      perform tsql.raise_error(50001, 16, 1, 'The sandbox does not support the property ' || property || ' of OBJECTPROPERTY.');
  end case;
  return null;
end $$;

create or replace function tsql.objectpropertyex(id int4, property text, db text, default_schema text, user_name text, login_name text, session_id int4)
returns int4 language sql stable as $$
  select tsql.objectproperty(id, property, db, default_schema, user_name, login_name, session_id)
$$;

create or replace function tsql.columnproperty(id int4, column_name text, property text, db text, default_schema text, user_name text, login_name text, session_id int4)
returns int4 language plpgsql stable as $$
declare
  c sandbox."column";
begin
  select x.* into c from sandbox.visible_object(id, db, login_name) o
    join sandbox."column" x on x.database_id = o.database_id and x.object_id = o.object_id
    where x.name_key = upper(column_name);
  if c.column_id is null then
    return null;
  end if;
  case upper(property)
    when 'ISIDENTITY' then return c.is_identity;
    when 'ALLOWSNULL' then return c.is_nullable;
    when 'ISCOMPUTED' then return c.is_computed;
    when 'COLUMNID' then return c.column_id;
    when 'PRECISION' then return case when c.type_name in ('nchar', 'nvarchar', 'sysname') and c.max_length > 0 then c.max_length / 2
      when c.precision = 0 then c.max_length else c.precision end;
    when 'SCALE' then return c.scale;
    when 'ISROWGUIDCOL' then return c.is_rowguidcol;
    when 'ISIDNOTFORREPL' then return coalesce(c.identity_not_for_replication, 0);
    when 'ISSPARSE', 'ISHIDDEN', 'ISXMLINDEXABLE', 'ISFULLTEXTINDEXED' then return 0;
    else
      perform tsql.raise_error(50001, 16, 1, 'The sandbox does not support the property ' || property || ' of COLUMNPROPERTY.');
  end case;
  return null;
end $$;

create or replace function tsql.indexproperty(id int4, index_name text, property text, db text, default_schema text, user_name text, login_name text, session_id int4)
returns int4 language plpgsql stable as $$
declare
  i sandbox.index;
begin
  select x.* into i from sandbox.visible_object(id, db, login_name) o
    join sandbox.index x on x.database_id = o.database_id and x.object_id = o.object_id
    where upper(x.name) = upper(index_name);
  if i.index_id is null then
    return null;
  end if;
  case upper(property)
    when 'INDEXID' then return i.index_id;
    when 'ISUNIQUE' then return i.is_unique;
    when 'ISCLUSTERED' then return (i.type = 1)::int;
    when 'ISDISABLED', 'ISHYPOTHETICAL', 'ISPADINDEX', 'ISSTATISTICS' then return 0;
    else
      perform tsql.raise_error(50001, 16, 1, 'The sandbox does not support the property ' || property || ' of INDEXPROPERTY.');
  end case;
  return null;
end $$;

create or replace function tsql.col_name(id int4, column_number int4, db text, default_schema text, user_name text, login_name text, session_id int4)
returns text language sql stable as $$
  select c.name from sandbox.visible_object(id, db, login_name) o
    join sandbox."column" c on c.database_id = o.database_id and c.object_id = o.object_id
  where c.column_id = column_number
$$;

create or replace function tsql.col_length(name text, column_name text, db text, default_schema text, user_name text, login_name text, session_id int4)
returns int2 language sql stable as $$
  select c.max_length from sandbox.find_object(name, db, default_schema, session_id) o
    join sandbox."column" c on c.database_id = o.database_id and c.object_id = o.object_id
  where c.name_key = upper(column_name) and sandbox.is_visible(o, login_name)
$$;

create or replace function sandbox.identity_column(name text, db text, default_schema text, login_name text, session_id int4)
returns sandbox."column" language sql stable as $$
  select c from sandbox.find_object(name, db, default_schema, session_id) o
    join sandbox."column" c on c.database_id = o.database_id and c.object_id = o.object_id
  where c.is_identity = 1 and sandbox.is_visible(o, login_name)
$$;

-- The last identity value made for the table, by any session; the seed when there was none yet.
create or replace function tsql.ident_current(name text, db text, default_schema text, user_name text, login_name text, session_id int4)
returns numeric language plpgsql volatile as $$
declare
  c sandbox."column" := sandbox.identity_column(name, db, default_schema, login_name, session_id);
begin
  if c.sequence is null then
    return null;
  end if;
  return coalesce(pg_sequence_last_value(c.sequence::regclass), c.seed);
end $$;

create or replace function tsql.ident_seed(name text, db text, default_schema text, user_name text, login_name text, session_id int4)
returns numeric language sql stable as $$
  select (sandbox.identity_column(name, db, default_schema, login_name, session_id)).seed
$$;

create or replace function tsql.ident_incr(name text, db text, default_schema text, user_name text, login_name text, session_id int4)
returns numeric language sql stable as $$
  select (sandbox.identity_column(name, db, default_schema, login_name, session_id)).increment
$$;

create or replace function tsql.type_name(id int4, db text, default_schema text, user_name text, login_name text, session_id int4)
returns text language sql stable as $$
  select t.name from sandbox.type_names() t where t.id = type_name.id
$$;

create or replace function tsql.type_id(name text, db text, default_schema text, user_name text, login_name text, session_id int4)
returns int4 language sql stable as $$
  select t.id from sandbox.type_names() t
  where t.name = lower((sandbox.name_parts($1))[cardinality(sandbox.name_parts($1))])
$$;
