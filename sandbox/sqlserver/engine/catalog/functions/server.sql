-- System functions of T-SQL about databases, schemas, principals and the server.

create or replace function tsql.db_id(name text, db text, default_schema text, user_name text, login_name text, session_id int4)
returns int4 language sql stable as $$
  select sandbox.find_database(coalesce(name, db))
$$;

create or replace function tsql.db_name(id int4, db text, default_schema text, user_name text, login_name text, session_id int4)
returns text language sql stable as $$
  select case when id is null then db else (select d.name from sandbox.database d where d.database_id = id) end
$$;

create or replace function tsql.schema_id(name text, db text, default_schema text, user_name text, login_name text, session_id int4)
returns int4 language sql stable as $$
  select s.schema_id from sandbox.schema s
  where s.database_id = sandbox.find_database(db) and s.name_key = upper(coalesce(schema_id.name, default_schema))
$$;

create or replace function tsql.schema_name(id int4, db text, default_schema text, user_name text, login_name text, session_id int4)
returns text language sql stable as $$
  select case when id is null then default_schema
    else (select s.name from sandbox.schema s where s.database_id = sandbox.find_database(db) and s.schema_id = id) end
$$;

create or replace function tsql.user_name(id int4, db text, default_schema text, user_name text, login_name text, session_id int4)
returns text language sql stable as $$
  select case when id is null then $4
    else (select p.name from sandbox.principal p where p.database_id = sandbox.find_database(db) and p.principal_id = id) end
$$;

create or replace function tsql.database_principal_id(name text, db text, default_schema text, user_name text, login_name text, session_id int4)
returns int4 language sql stable as $$
  select p.principal_id from sandbox.principal p
  where p.database_id = sandbox.find_database(db) and p.name_key = upper(coalesce(database_principal_id.name, $4))
$$;

create or replace function tsql.user_id(name text, db text, default_schema text, user_name text, login_name text, session_id int4)
returns int4 language sql stable as $$
  select tsql.database_principal_id(name, db, default_schema, $4, login_name, session_id)
$$;

create or replace function sandbox.login_sid(id int4) returns bytea language sql immutable as $$
  select case id when 1 then '\x01'::bytea else decode(lpad(to_hex(id), 32, '0'), 'hex') end
$$;

create or replace function tsql.suser_sname(sid bytea, db text, default_schema text, user_name text, login_name text, session_id int4)
returns text language sql stable as $$
  select case when sid is null then login_name
    else (select l.name from sandbox.login l where sandbox.login_sid(l.principal_id) = sid) end
$$;

create or replace function tsql.suser_name(id int4, db text, default_schema text, user_name text, login_name text, session_id int4)
returns text language sql stable as $$
  select case when id is null then login_name else (select l.name from sandbox.login l where l.principal_id = id) end
$$;

create or replace function tsql.suser_id(name text, db text, default_schema text, user_name text, login_name text, session_id int4)
returns int4 language sql stable as $$
  select l.principal_id from sandbox.login l where l.name_key = upper(coalesce(suser_id.name, login_name))
$$;

create or replace function tsql.suser_sid(name text, db text, default_schema text, user_name text, login_name text, session_id int4)
returns bytea language sql stable as $$
  select sandbox.login_sid(l.principal_id) from sandbox.login l where l.name_key = upper(coalesce(suser_sid.name, login_name))
$$;

-- Identifiers of a principal and of the roles that it is in, public among them.
create or replace function sandbox.member_ids(in_database int4, principal int4) returns setof int4 language sql stable as $$
  with recursive members(id) as (
    select principal
    union
    select m.role_principal_id from sandbox.role_member m join members on m.member_principal_id = members.id
      where m.database_id = in_database
  )
  select id from members union select 0
$$;

create or replace function tsql.is_rolemember(role text, member text, db text, default_schema text, user_name text, login_name text, session_id int4)
returns int4 language plpgsql stable as $$
declare
  in_database int4 := sandbox.find_database(db);
  role_id int4;
  member_id int4;
begin
  select p.principal_id into role_id from sandbox.principal p
    where p.database_id = in_database and p.name_key = upper(role) and p.type = 'R';
  select p.principal_id into member_id from sandbox.principal p
    where p.database_id = in_database and p.name_key = upper(coalesce(member, is_rolemember.user_name));
  if role_id is null or member_id is null then
    return null;
  end if;
  return (role_id in (select sandbox.member_ids(in_database, member_id)))::int;
end $$;

create or replace function tsql.is_member(role text, db text, default_schema text, user_name text, login_name text, session_id int4)
returns int4 language sql stable as $$
  select tsql.is_rolemember(role, null, db, default_schema, user_name, login_name, session_id)
$$;

create or replace function tsql.is_srvrolemember(role text, login text, db text, default_schema text, user_name text, login_name text, session_id int4)
returns int4 language plpgsql stable as $$
declare
  role_id int4;
  member_id int4;
begin
  select l.principal_id into role_id from sandbox.login l where l.name_key = upper(role) and l.type = 'R';
  select l.principal_id into member_id from sandbox.login l where l.name_key = upper(coalesce(login, is_srvrolemember.login_name));
  if role_id is null or member_id is null then
    return null;
  end if;
  return (role_id = 2 or exists (select from sandbox.role_member m
    where m.database_id = 0 and m.role_principal_id = role_id and m.member_principal_id = member_id))::int;
end $$;

create or replace function sandbox.is_sysadmin(login text) returns boolean language sql stable as $$
  select exists (select from sandbox.login l join sandbox.role_member m
    on m.database_id = 0 and m.role_principal_id = 3 and m.member_principal_id = l.principal_id where l.name_key = upper(login))
$$;

create or replace function tsql.has_dbaccess(name text, db text, default_schema text, user_name text, login_name text, session_id int4)
returns int4 language plpgsql stable as $$
declare
  wanted int4 := sandbox.find_database(name);
begin
  if wanted is null then
    return null;
  end if;
  return (sandbox.is_sysadmin(login_name) or wanted in (1, 2, 4)
    or exists (select from sandbox.database d join sandbox.login l on l.principal_id = d.owner_login
      where d.database_id = wanted and l.name_key = upper(login_name))
    or exists (select from sandbox.principal p join sandbox.login l on l.principal_id = p.login_id
      where p.database_id = wanted and l.name_key = upper(login_name)))::int;
end $$;

create or replace function tsql.databasepropertyex(name text, property text, db text, default_schema text, user_name text, login_name text, session_id int4)
returns text language plpgsql stable as $$
declare
  d sandbox.database;
begin
  select * into d from sandbox.database x where x.name_key = upper(databasepropertyex.name);
  if d.database_id is null then
    return null;
  end if;
  case upper(property)
    when 'RECOVERY' then return d.recovery_model;
    when 'COLLATION' then return d.collation_name;
    when 'STATUS' then return 'ONLINE';
    when 'UPDATEABILITY' then return 'READ_WRITE';
    when 'USERACCESS' then return d.user_access;
    when 'VERSION' then return '957';
    when 'LCID' then return '1033';
    when 'COMPARISONSTYLE' then return case when d.collation_name like '%\_CI\_AI' then '196611' else '196609' end;
    when 'SQLSORTORDER' then return case when d.collation_name like 'SQL\_%' then '52' else '0' end;
    when 'EDITION', 'SERVICEOBJECTIVE' then return null;
    when 'ISREADCOMMITTEDSNAPSHOTON' then return d.read_committed_snapshot::text;
    when 'ISAUTOCREATESTATISTICS', 'ISAUTOUPDATESTATISTICS' then return '1';
    when 'ISAUTOCLOSE', 'ISAUTOSHRINK', 'ISANSINULLSENABLED', 'ISRECURSIVETRIGGERSENABLED', 'ISQUOTEDIDENTIFIERSENABLED',
      'ISINSTANDBY', 'ISPUBLISHED', 'ISSUBSCRIBED', 'ISCLONE', 'ISVERIFIEDCLONE', 'ISFULLTEXTENABLED' then return '0';
    else return null;
  end case;
end $$;

create or replace function tsql.serverproperty(property text, db text, default_schema text, user_name text, login_name text, session_id int4)
returns text language plpgsql stable as $$
begin
  case upper(property)
    when 'PRODUCTVERSION' then return '16.0.1000.6';
    when 'PRODUCTLEVEL' then return 'RTM';
    when 'PRODUCTMAJORVERSION' then return '16';
    when 'PRODUCTMINORVERSION' then return '0';
    when 'EDITION' then return 'Developer Edition (64-bit)';
    when 'ENGINEEDITION' then return '3';
    when 'SERVERNAME', 'MACHINENAME', 'COMPUTERNAMEPHYSICALNETBIOS' then return current_setting('sandbox.server_name', true);
    when 'INSTANCENAME' then return null;
    when 'COLLATION' then return 'SQL_Latin1_General_CP1_CI_AS';
    when 'ISCLUSTERED', 'ISHADRENABLED', 'ISINTEGRATEDSECURITYONLY', 'ISXTPSUPPORTED', 'ISFULLTEXTINSTALLED', 'ISSINGLEUSER' then return '0';
    when 'PROCESSID' then return '1';
    else return null;
  end case;
end $$;

create or replace function tsql.session_context(key text, db text, default_schema text, user_name text, login_name text, session_id int4)
returns text language sql stable as $$
  select nullif(current_setting('sandbox.session_context', true), '')::jsonb ->> key
$$;

-- Application locks live in the engine, which hands them over as JSON: database, resource, session, owner, mode, and the
-- modes that others may have beside it.
create or replace function tsql.applock_test(principal text, resource text, mode text, owner text, locks text, db text, default_schema text, user_name text, login_name text, session_id int4)
returns int2 language sql stable as $$
  select (not exists (select from jsonb_to_recordset(locks::jsonb)
      as l(database int4, resource text, session int4, compatible text[])
    where l.database = sandbox.find_database(db) and l.resource = left($2, 255) and l.session <> session_id
      and not upper(mode) = any (select upper(c) from unnest(l.compatible) c)))::int::int2
$$;

create or replace function tsql.applock_mode(principal text, resource text, owner text, locks text, db text, default_schema text, user_name text, login_name text, session_id int4)
returns text language sql stable as $$
  select coalesce((select l.mode from jsonb_to_recordset(locks::jsonb)
      as l(database int4, resource text, session int4, owner text, mode text)
    where l.database = sandbox.find_database(db) and l.resource = left($2, 255) and l.session = session_id
      and upper(l.owner) = upper($3)), 'NoLock')
$$;
