-- PostgreSQL looks for the row that a foreign key refers to once for every row that is inserted; SQL Server does it for
-- the whole statement. So a foreign key's own trigger for inserted rows is put out of action here, and one for the
-- statement takes its place: it looks for every key once, locks the rows that it finds as PostgreSQL does, sees what
-- PostgreSQL's own check sees, and fails with the same error. All else that the foreign key does stays PostgreSQL's:
-- updates of the referencing table, and deletes and updates of the referenced one. Both the trigger and its function,
-- which is in the table's schema, are named as the constraint.
create or replace function sandbox.check_key_by_statement(relation regclass, constraint_name text) returns void
language plpgsql as $$
declare
  key pg_constraint;
  row_trigger text;
  function_name text;
  columns text;
  present text;
  found_by text;
begin
  select * into strict key from pg_constraint where conrelid = relation and conname = constraint_name and contype = 'f';
  select tgname into strict row_trigger from pg_trigger
    where tgconstraint = key.oid and tgrelid = relation and tgfoid = 'pg_catalog."RI_FKey_check_ins"'::regproc;
  select string_agg(format('i.%I', own.attname), ', ' order by position),
         string_agg(format('i.%I is not null', own.attname), ' and ' order by position),
         string_agg(format('p.%I = k.%I', other.attname, own.attname), ' and ' order by position)
    into columns, present, found_by
    from unnest(key.conkey, key.confkey) with ordinality as pair (own, other, position)
    join pg_attribute own on own.attrelid = key.conrelid and own.attnum = pair.own
    join pg_attribute other on other.attrelid = key.confrelid and other.attnum = pair.other;
  select format('%I.%I', nspname, constraint_name) into function_name from pg_namespace where oid = key.connamespace;
  execute format(
    $body$create or replace function %s() returns trigger language plpgsql as $check$
    begin
      if exists (
        select from (select distinct %s from inserted i where %s) k
        where not exists (select from only %s p where %s for key share)
      ) then
        raise exception using errcode = '23503', constraint = %L, message = 'insert of a row that refers to none';
      end if;
      return null;
    end $check$ $body$,
    function_name, columns, present, key.confrelid::regclass, found_by, constraint_name);
  execute format(
    'create or replace trigger %I after insert on %s referencing new table as inserted for each statement execute function %s()',
    constraint_name, relation, function_name);
  execute format('alter table %s disable trigger %I', relation, row_trigger);
end $$;
