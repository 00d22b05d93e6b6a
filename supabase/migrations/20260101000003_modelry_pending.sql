-- Made by `npm run generate` from src/adapters/metadata/migrations/postgres; not to be edited.

-- The spool that keeps the file until the store can be reached; null once the store has it.
alter table files add column held_by text collate "C" check (held_by <> '');
create index files_pending on files (held_by, version_id, path) where held_by is not null;

alter table history drop constraint history_action;
alter table history add constraint history_action check (action in (
  'saved', 'deployed', 'rolled-back', 'archived', 'restored', 'deleted', 'metadata-updated', 'alias-set',
  'alias-removed', 'approved', 'approval-revoked', 'synced'
));

insert into schema_migrations (number, name, checksum, applied_at)
  values (3, 'pending', '9e07ee13755a83c2b4ac6f5f0d1ee906f5348fff8609aec8cdf1130a53901150', (extract(epoch from now()) * 1000)::bigint);
