-- HAS_PERMS_BY_NAME and fn_my_permissions: the rules of sandbox/sqlserver/engine/rights/access.ts, in SQL.

create or replace function sandbox.covered_by(permission text) returns text[] language sql immutable as $$
  select case permission
    when 'CREATE TABLE' then array['CREATE TABLE', 'ALTER', 'CONTROL']
    when 'CREATE VIEW' then array['CREATE VIEW', 'ALTER', 'CONTROL']
    when 'CREATE SCHEMA' then array['CREATE SCHEMA', 'ALTER ANY SCHEMA', 'ALTER', 'CONTROL']
    when 'ALTER ANY SCHEMA' then array['ALTER ANY SCHEMA', 'ALTER', 'CONTROL']
    when 'ALTER ANY USER' then array['ALTER ANY USER', 'ALTER', 'CONTROL']
    when 'ALTER ANY ROLE' then array['ALTER ANY ROLE', 'ALTER', 'CONTROL']
    else array[permission, 'CONTROL']
  end
$$;

create or replace function sandbox.role_grants(role int4) returns text[] language sql immutable as $$
  select case role
    when 16390 then array['SELECT']
    when 16391 then array['INSERT', 'UPDATE', 'DELETE']
    when 16387 then array['ALTER', 'REFERENCES', 'CREATE TABLE', 'CREATE VIEW', 'CREATE SCHEMA', 'ALTER ANY SCHEMA', 'VIEW DEFINITION']
    when 16385 then array['ALTER ANY USER', 'CREATE SCHEMA']
    when 16386 then array['ALTER ANY ROLE', 'CREATE SCHEMA', 'VIEW DEFINITION']
    else '{}'::text[]
  end
$$;

create or replace function sandbox.role_denials(role int4) returns text[] language sql immutable as $$
  select case role
    when 16392 then array['SELECT']
    when 16393 then array['INSERT', 'UPDATE', 'DELETE']
    else '{}'::text[]
  end
$$;

-- in_schema and object are null for a database, object is null for a schema.
create or replace function sandbox.has_permission(in_database int4, principal int4, permission text, in_schema int4, object int4)
returns boolean language plpgsql stable as $$
declare
  ids int4[];
  states text[];
begin
  if principal is null then
    return false;
  end if;
  if principal = 1 then
    return true;
  end if;
  ids := array(select sandbox.member_ids(in_database, principal));
  if 16384 = any (ids) then
    return true;
  end if;
  if exists (select from unnest(ids) id where permission = any (sandbox.role_denials(id))) then
    return false;
  end if;
  states := array(select p.state from sandbox.permission p
    where p.database_id = in_database and p.grantee = any (ids) and p.permission_name = any (sandbox.covered_by(permission))
      and (p.class = 0 or (p.class = 3 and p.major_id = in_schema) or (p.class = 1 and p.major_id = object and p.minor_id = 0)));
  if 'D' = any (states) then
    return false;
  end if;
  return cardinality(states) > 0
    or exists (select from unnest(ids) id where permission = any (sandbox.role_grants(id)))
    or exists (select from sandbox.schema s where s.database_id = in_database and s.schema_id = in_schema and s.principal_id = any (ids));
end $$;

-- Metadata visibility: an object is seen by those with any permission on it or on one of its columns; a constraint or
-- trigger by those who see its table; a temporary object by its own session, which alone finds it.
create or replace function sandbox.is_visible(o sandbox.object, login text) returns boolean language sql stable as $$
  select o.spid is not null or sandbox.is_sysadmin(login) or exists (
    select from unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'REFERENCES', 'ALTER', 'VIEW DEFINITION', 'EXECUTE', 'CONTROL']) p
    where sandbox.has_permission(o.database_id, sandbox.user_in(o.database_id, login), p, o.schema_id,
      case when o.parent_object_id = 0 then o.object_id else o.parent_object_id end))
    or exists (select from sandbox.permission p
      where p.database_id = o.database_id and p.class = 1 and p.minor_id <> 0 and p.state <> 'D'
        and p.major_id = case when o.parent_object_id = 0 then o.object_id else o.parent_object_id end
        and p.grantee in (select sandbox.member_ids(o.database_id, sandbox.user_in(o.database_id, login))))
$$;

-- The user that a login works as in a database.
create or replace function sandbox.user_in(in_database int4, login text) returns int4 language sql stable as $$
  select case
    when sandbox.is_sysadmin(login) then 1
    when exists (select from sandbox.database d join sandbox.login l on l.principal_id = d.owner_login
      where d.database_id = in_database and l.name_key = upper(login)) then 1
    else coalesce(
      (select p.principal_id from sandbox.principal p join sandbox.login l on l.principal_id = p.login_id
        where p.database_id = in_database and l.name_key = upper(login) limit 1),
      case when in_database in (1, 2, 4) then 2 end)
  end
$$;

create or replace function sandbox.is_known_permission(class text, permission text) returns boolean language sql immutable as $$
  select permission = any (case class
    when 'OBJECT' then array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'REFERENCES', 'EXECUTE', 'ALTER', 'CONTROL', 'VIEW DEFINITION', 'TAKE OWNERSHIP', 'VIEW CHANGE TRACKING']
    when 'SCHEMA' then array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'REFERENCES', 'EXECUTE', 'ALTER', 'CONTROL', 'VIEW DEFINITION', 'TAKE OWNERSHIP']
    when 'DATABASE' then array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'REFERENCES', 'EXECUTE', 'ALTER', 'CONTROL', 'CONNECT', 'VIEW DEFINITION', 'VIEW DATABASE STATE', 'CREATE TABLE', 'CREATE VIEW', 'CREATE SCHEMA', 'CREATE PROCEDURE', 'CREATE FUNCTION', 'CREATE ROLE', 'ALTER ANY SCHEMA', 'ALTER ANY USER', 'ALTER ANY ROLE', 'BACKUP DATABASE', 'TAKE OWNERSHIP']
    when 'SERVER' then array['CONTROL SERVER', 'VIEW SERVER STATE', 'VIEW ANY DATABASE', 'VIEW ANY DEFINITION', 'ALTER ANY LOGIN', 'ALTER ANY DATABASE', 'CREATE ANY DATABASE', 'CONNECT SQL', 'ALTER SERVER STATE', 'ADMINISTER BULK OPERATIONS']
    else '{}'::text[] end)
$$;

-- 1, 0, or NULL for a securable, class or permission that does not exist.
create or replace function tsql.has_perms_by_name(securable text, class text, permission text, sub_securable text, sub_class text,
  db text, default_schema text, user_name text, login_name text, session_id int4)
returns int4 language plpgsql stable as $$
declare
  kind text := upper(coalesce(class, 'SERVER'));
  wanted text := upper(permission);
  in_database int4 := sandbox.find_database(db);
  o sandbox.object;
  in_schema int4;
begin
  if wanted = 'ANY' then
    return (select max(tsql.has_perms_by_name(securable, class, p, sub_securable, sub_class, db, default_schema, user_name, login_name, session_id))
      from unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'REFERENCES', 'ALTER', 'CONTROL', 'VIEW DEFINITION', 'CONNECT', 'VIEW SERVER STATE']) p);
  end if;
  if not sandbox.is_known_permission(kind, wanted) then
    return null;
  end if;
  case kind
    when 'SERVER' then
      return (sandbox.is_sysadmin(login_name) or wanted in ('VIEW ANY DATABASE', 'CONNECT SQL')
        or (wanted in ('CREATE ANY DATABASE', 'ALTER ANY DATABASE')
          and tsql.is_srvrolemember('dbcreator', null, db, default_schema, user_name, login_name, session_id) = 1)
        or (wanted = 'ALTER ANY LOGIN'
          and tsql.is_srvrolemember('securityadmin', null, db, default_schema, user_name, login_name, session_id) = 1)
        or (wanted = 'ADMINISTER BULK OPERATIONS'
          and tsql.is_srvrolemember('bulkadmin', null, db, default_schema, user_name, login_name, session_id) = 1))::int;
    when 'DATABASE' then
      if securable is not null then
        in_database := sandbox.find_database((sandbox.name_parts(securable))[1]);
      end if;
      if in_database is null then
        return null;
      end if;
      if wanted = 'CONNECT' then
        return (sandbox.user_in(in_database, login_name) is not null)::int;
      end if;
      return sandbox.has_permission(in_database, sandbox.user_in(in_database, login_name), wanted, null, null)::int;
    when 'SCHEMA' then
      in_schema := tsql.schema_id((sandbox.name_parts(securable))[1], db, default_schema, user_name, login_name, session_id);
      if in_schema is null then
        return null;
      end if;
      return sandbox.has_permission(in_database, sandbox.user_in(in_database, login_name), wanted, in_schema, null)::int;
    when 'OBJECT' then
      o := sandbox.find_object(securable, db, default_schema, session_id);
      if o.object_id is null then
        return null;
      end if;
      if o.spid is not null then
        return 1;
      end if;
      return sandbox.has_permission(o.database_id, sandbox.user_in(o.database_id, login_name), wanted, o.schema_id, o.object_id)::int;
    else
      perform tsql.raise_error(50001, 16, 1, 'The sandbox does not support HAS_PERMS_BY_NAME on ' || kind || '.');
  end case;
  return null;
end $$;

create or replace function tsql.fn_my_permissions(securable text, class text, db text, default_schema text, user_name text, login_name text, session_id int4)
returns table (entity_name text, subentity_name text, permission_name text) language sql stable as $$
  select case upper(class) when 'DATABASE' then 'database' when 'SERVER' then 'server' else securable end, '', p
  from unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'REFERENCES', 'EXECUTE', 'ALTER', 'CONTROL', 'CONNECT', 'VIEW DEFINITION',
    'VIEW DATABASE STATE', 'TAKE OWNERSHIP', 'CREATE TABLE', 'CREATE VIEW', 'CREATE SCHEMA', 'ALTER ANY SCHEMA', 'ALTER ANY USER',
    'ALTER ANY ROLE', 'CONTROL SERVER', 'VIEW SERVER STATE', 'VIEW ANY DATABASE', 'CONNECT SQL', 'CREATE ANY DATABASE',
    'ADMINISTER BULK OPERATIONS']) p
  where tsql.has_perms_by_name(case when upper(class) in ('DATABASE', 'SERVER') then null else securable end,
    case when upper(class) = 'SERVER' then null else class end, p, null, null, db, default_schema, user_name, login_name, session_id) = 1
$$;
