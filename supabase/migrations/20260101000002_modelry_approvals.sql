-- Made by `npm run generate` from src/adapters/metadata/migrations/postgres; not to be edited.

-- Who approved a version for an environment. Approvals belong to the version itself: one that is saved again under the
-- same name starts without any.
create table approvals (
  version_id bigint not null references trained_models (id) on delete cascade,
  environment text collate "C" not null,
  approved_by text collate "C" not null,
  -- The digest of the version that was approved.
  digest text collate "C" not null check (digest ~ '^[0-9a-f]{64}$'),
  approved_at bigint not null,
  primary key (version_id, environment, approved_by)
);

-- Who had approved it when it became active, where the environment asks for that.
alter table deployments add column approved_by text collate "C" check (json_typeof(approved_by::json) = 'array');

-- How long a lease was when it was written, in milliseconds. One that ends later than that from the present on was
-- written by a clock that was ahead, and counts as ended.
alter table deployment_locks add column lease_ms bigint check (lease_ms >= 0);
alter table trained_models add column lease_ms bigint check (lease_ms >= 0);

alter table history drop constraint history_action;
alter table history add constraint history_action check (action in (
  'saved', 'deployed', 'rolled-back', 'archived', 'restored', 'deleted', 'metadata-updated', 'alias-set',
  'alias-removed', 'approved', 'approval-revoked'
));

do $$
begin
  if not exists (select 1 from pg_roles where rolname in ('anon', 'authenticated')) then return; end if;
  alter table approvals enable row level security;
end
$$;

insert into schema_migrations (number, name, checksum, applied_at)
  values (2, 'approvals', '4eb21669cac4e74e8b44c663b54af8d0fbfd1a05ce3f0065f6af94b076b83f70', (extract(epoch from now()) * 1000)::bigint);
