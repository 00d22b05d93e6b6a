-- Made by `npm run generate` from src/adapters/metadata/migrations/postgres; not to be edited.

-- For a registry that is reached over the HTTP interface of Supabase, or PostgREST of one's own: two functions that the
-- service role alone may call, which has the tables to itself. A database without that role needs nothing of it.
do $migration$
declare
  name text;
  place text := quote_ident(current_schema());
begin
  if not exists (select 1 from pg_roles where rolname = 'service_role') then return; end if;

  -- The changes that were made lately, so that one whose answer was lost can be sent again without being made twice.
  create table settled_changes (
    id text collate "C" not null primary key,
    -- Which of the attempts at it was the one.
    attempt integer not null check (attempt >= 1),
    settled_at bigint not null
  );
  create index settled_changes_by_time on settled_changes (settled_at);

  -- The statement with its values in the places of $1, $2 and so on, which come in this order.
  create function modelry_statement(statement json) returns text language plpgsql immutable as $body$
  declare
    parts text[] := regexp_split_to_array(statement ->> 'sql', '\$[0-9]+');
    literals text[] := array(select json_array_elements_text(statement -> 'values'));
    whole text := parts[1];
  begin
    for i in 2 .. array_length(parts, 1) loop
      whole := whole || quote_nullable(literals[i - 1]) || parts[i];
    end loop;
    return whole;
  end
  $body$;

  -- Runs queries, all of which see the database as it is at one moment, since the function is stable. Answers each with
  -- its rows and their hash, or with null where the hash is the expected one.
  create function modelry_read(request json) returns json language plpgsql stable as $body$
  declare
    instant bigint := coalesce(
      (request ->> 'now')::bigint, floor(extract(epoch from clock_timestamp()) * 1000)::bigint);
    statement json;
    item record;
    gathered json[];
    hash text;
    answers json[] := '{}';
  begin
    perform set_config('modelry.now', instant::text, true);
    for statement in select value from json_array_elements(request -> 'statements') loop
      gathered := '{}';
      for item in execute modelry_statement(statement) loop
        gathered := array_append(gathered, row_to_json(item));
      end loop;
      hash := md5(array_to_json(gathered)::text);
      answers := array_append(answers, case when hash = statement ->> 'expected' then null
        else json_build_object('hash', hash, 'rows', array_to_json(gathered)) end);
    end loop;
    return json_build_object('now', instant, 'schema', (select max(number) from schema_migrations),
      'answers', array_to_json(answers));
  end
  $body$;

  -- Runs statements, one after the other. Each says what it is expected to answer. Only where all answer so, and the
  -- request has the id of a change, does what they did stay; else it is undone, and the caller is told up to the first
  -- that answered otherwise.
  create function modelry_change(request json) returns json language plpgsql volatile
    set lock_timeout = '5s' as $body$
  declare
    present bigint := floor(extract(epoch from clock_timestamp()) * 1000)::bigint;
    instant bigint := coalesce((request ->> 'now')::bigint, present);
    newest integer := (select max(number) from schema_migrations);
    settled integer;
    statement json;
    item record;
    gathered json[];
    affected bigint;
    hash text;
    answers json[] := '{}';
    differs boolean := false;
  begin
    if newest > (request ->> 'schema')::integer then
      return json_build_object('now', instant, 'schema', newest, 'answers', json_build_array());
    end if;
    begin
      if request ->> 'id' is not null then
        -- Waits for the same change, where it is under way.
        insert into settled_changes (id, attempt, settled_at)
          values (request ->> 'id', (request ->> 'attempt')::integer, present) on conflict do nothing;
        if not found then
          select attempt into settled from settled_changes where id = request ->> 'id';
          return json_build_object('now', instant, 'schema', newest, 'settled', settled, 'answers', json_build_array());
        end if;
        delete from settled_changes where id in (
          select id from settled_changes where settled_at < present - 3600000
          order by settled_at limit 8 for update skip locked);
      end if;
      if request ->> 'lasting' = 'for now' then perform set_config('synchronous_commit', 'off', true); end if;
      perform set_config('modelry.now', instant::text, true);
      for statement in select value from json_array_elements(request -> 'statements') loop
        perform set_config('modelry.given_id', coalesce(statement ->> 'id', ''), true);
        if statement ->> 'wants' = 'rows' then
          gathered := '{}';
          for item in execute modelry_statement(statement) loop
            gathered := array_append(gathered, row_to_json(item));
          end loop;
          hash := md5(array_to_json(gathered)::text);
        else
          execute modelry_statement(statement);
          get diagnostics affected = row_count;
          hash := affected::text;
        end if;
        perform set_config('modelry.given_id', '', true);
        if hash = statement ->> 'expected' then
          answers := array_append(answers, null);
        else
          answers := array_append(answers, case when statement ->> 'wants' = 'rows'
            then json_build_object('hash', hash, 'rows', array_to_json(gathered))
            else json_build_object('hash', hash, 'count', affected) end);
          differs := true;
          exit when statement ->> 'expected' is not null;
        end if;
      end loop;
      if differs or request ->> 'id' is null then
        raise exception 'undone' using errcode = 'MD000';
      end if;
      settled := (request ->> 'attempt')::integer;
    exception when sqlstate 'MD000' then
      null;
    end;
    return json_build_object('now', instant, 'schema', newest, 'settled', settled, 'answers', array_to_json(answers));
  end
  $body$;

  -- A row gets the same id each time that its insertion is tried.
  create function modelry_given_id() returns trigger language plpgsql as $body$
  begin
    new.id := current_setting('modelry.given_id')::bigint;
    return new;
  end
  $body$;
  create trigger version_has_given_id before insert on trained_models
    for each row when (current_setting('modelry.given_id', true) <> '') execute function modelry_given_id();
  create trigger deployment_has_given_id before insert on deployments
    for each row when (current_setting('modelry.given_id', true) <> '') execute function modelry_given_id();

  foreach name in array array['modelry_statement', 'modelry_read', 'modelry_change'] loop
    execute format('alter function %I(json) set search_path = %s, pg_temp', name, place);
    execute format('revoke all on function %I(json) from public', name);
    execute format('grant execute on function %I(json) to service_role', name);
  end loop;
  execute format('grant usage on schema %s to service_role', place);
  foreach name in array array[
    'schema_migrations', 'models', 'trained_models', 'files', 'version_tags', 'aliases', 'deployments',
    'deployment_locks', 'approvals', 'history', 'idempotency_keys', 'access_tokens', 'settled_changes'
  ] loop
    execute format('alter table %I enable row level security', name);
    execute format('revoke all on table %I from public', name);
    execute format('grant select, insert, update, delete on table %I to service_role', name);
  end loop;
  foreach name in array array[
    pg_get_serial_sequence('trained_models', 'id'), pg_get_serial_sequence('deployments', 'id'),
    pg_get_serial_sequence('history', 'sequence')
  ] loop
    execute format('revoke all on sequence %s from public', name);
    execute format('grant usage, select, update on sequence %s to service_role', name);
  end loop;

  -- What Supabase lets these roles do in a schema of its own, it lets them do by grants of theirs.
  foreach name in array array['anon', 'authenticated'] loop
    if not exists (select 1 from pg_roles where rolname = name) then continue; end if;
    execute format('revoke all on schema_migrations, models, trained_models, files, version_tags, aliases, deployments, '
      'deployment_locks, approvals, history, idempotency_keys, access_tokens, settled_changes from %I', name);
    execute format('revoke all on sequence %s, %s, %s from %I', pg_get_serial_sequence('trained_models', 'id'),
      pg_get_serial_sequence('deployments', 'id'), pg_get_serial_sequence('history', 'sequence'), name);
    execute format('revoke all on function modelry_statement(json), modelry_read(json), modelry_change(json) from %I', name);
  end loop;

  notify pgrst, 'reload schema';
end
$migration$;

insert into schema_migrations (number, name, checksum, applied_at)
  values (5, 'supabase', '1edffe6b6221857913c74581bfe088bf29a792c278b8e41e0be6e15c6486eb0a', (extract(epoch from now()) * 1000)::bigint);
