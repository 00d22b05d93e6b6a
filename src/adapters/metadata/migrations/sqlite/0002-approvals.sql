-- Who approved a version for an environment. Approvals belong to the version itself: one that is saved again under the
-- same name starts without any.
create table approvals (
  version_id integer not null references trained_models (id) on delete cascade,
  environment text not null,
  approved_by text not null,
  -- The digest of the version that was approved.
  digest text not null check (length(digest) = 64 and digest not glob '*[^0-9a-f]*'),
  approved_at integer not null,
  primary key (version_id, environment, approved_by)
) strict, without rowid;

-- Who had approved it when it became active, where the environment asks for that.
alter table deployments add column approved_by text check (json_type(approved_by) = 'array');

-- How long a lease was when it was written, in milliseconds. One that ends later than that from the present on was
-- written by a clock that was ahead, and counts as ended.
alter table deployment_locks add column lease_ms integer check (lease_ms >= 0);
alter table trained_models add column lease_ms integer check (lease_ms >= 0);

-- The history with two more actions; SQLite changes a check by making the table anew.
create table history_with_approvals (
  sequence integer primary key,
  at integer not null,
  actor text not null,
  action text not null check (action in (
    'saved', 'deployed', 'rolled-back', 'archived', 'restored', 'deleted', 'metadata-updated', 'alias-set',
    'alias-removed', 'approved', 'approval-revoked'
  )),
  model_id text not null,
  version text,
  environment text,
  details text not null check (json_type(details) = 'object')
) strict;

insert into history_with_approvals (sequence, at, actor, action, model_id, version, environment, details)
  select sequence, at, actor, action, model_id, version, environment, details from history order by sequence;
drop table history;
alter table history_with_approvals rename to history;

create index history_by_model on history (model_id, sequence);
create index history_by_model_version on history (model_id, version, sequence);

create trigger history_is_not_altered before update on history begin
  select raise(abort, 'history is append-only');
end;

create trigger history_is_not_deleted before delete on history begin
  select raise(abort, 'history is append-only');
end;

-- `insert or replace` deletes without firing the trigger above.
create trigger history_is_not_replaced before insert on history
when exists (select 1 from history where sequence = new.sequence) begin
  select raise(abort, 'history is append-only');
end;
