-- True while a bulk load that ignores CHECK constraints runs.
create or replace function sandbox.skips_checks() returns boolean language plpgsql stable parallel safe as $$
begin
  return coalesce(current_setting('sandbox.skip_checks', true), '') = 'on';
end $$;

-- Moves an identity beyond explicit values, in its own direction, and gives the value that lies farthest.
create or replace function sandbox.advance_identity(sequence regclass, lowest int8, highest int8) returns int8
language plpgsql as $$
declare
  step int8;
  last int8;
  used boolean;
  farthest int8;
begin
  select seqincrement into step from pg_sequence where seqrelid = sequence;
  farthest := case when step > 0 then highest else lowest end;
  -- Two sessions with explicit values must not move the identity back over each other.
  perform pg_advisory_lock(hashtext('sandbox identity'), sequence::oid::int4);
  execute format('select last_value, is_called from %s', sequence) into last, used;
  if not used then
    -- Never used: the seed itself is the next value.
    last := last - step;
  end if;
  if (step > 0 and farthest > last) or (step < 0 and farthest < last) then
    perform setval(sequence, farthest, true);
  end if;
  perform pg_advisory_unlock(hashtext('sandbox identity'), sequence::oid::int4);
  return farthest;
end $$;

-- Empties a table that no other session knows. TRUNCATE makes a new file for it and for each of its indexes, which takes
-- longer than to delete a few rows; what these leave behind is gone with the TRUNCATE of a table that has grown.
create or replace function sandbox.empty_temporary(relation text) returns void language plpgsql as $$
begin
  if pg_relation_size(relation::regclass) > 65536 then
    execute 'truncate table ' || relation;
  else
    execute 'delete from ' || relation;
  end if;
end $$;

-- Rows of a table, counted: sys.partitions of SQL Server knows the exact number too.
create or replace function sandbox.row_count(relation text) returns int8 language plpgsql as $$
declare
  result int8;
begin
  if relation is null or relation like 'pg_temp.%' then
    return null;
  end if;
  execute 'select count(*) from ' || relation into result;
  return result;
end $$;

-- Pages of 8 kB that a table fills.
create or replace function sandbox.page_count(relation text) returns int8 language plpgsql stable as $$
begin
  if relation is null or relation like 'pg_temp.%' then
    return null;
  end if;
  return pg_total_relation_size(relation::regclass) / 8192;
end $$;
