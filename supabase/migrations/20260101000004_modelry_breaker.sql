-- Made by `npm run generate` from src/adapters/metadata/migrations/postgres; not to be edited.

-- What concerns no single model has * in place of its name.
alter table history drop constraint history_action;
alter table history add constraint history_action check (action in (
  'saved', 'deployed', 'rolled-back', 'archived', 'restored', 'deleted', 'metadata-updated', 'alias-set',
  'alias-removed', 'approved', 'approval-revoked', 'synced', 'breaker-reset'
));

insert into schema_migrations (number, name, checksum, applied_at)
  values (4, 'breaker', '1f1bb63777b697682feb5b47b7462bdeb29792a995e195e0bf7126c1dd75058e', (extract(epoch from now()) * 1000)::bigint);
