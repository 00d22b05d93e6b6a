-- The history with one more action; SQLite changes a check by making the table anew. What concerns no single model has * in
-- place of its name.
create table history_with_breaker_reset (
  sequence integer primary key,
  at integer not null,
  actor text not null,
  action text not null check (action in (
    'saved', 'deployed', 'rolled-back', 'archived', 'restored', 'deleted', 'metadata-updated', 'alias-set',
    'alias-removed', 'approved', 'approval-revoked', 'synced', 'breaker-reset'
  )),
  model_id text not null,
  version text,
  environment text,
  details text not null check (json_type(details) = 'object')
) strict;

insert into history_with_breaker_reset (sequence, at, actor, action, model_id, version, environment, details)
  select sequence, at, actor, action, model_id, version, environment, details from history order by sequence;
drop table history;
alter table history_with_breaker_reset rename to history;

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
