-- Times are milliseconds since 1970 in UTC, so that leases are plain arithmetic for whichever database keeps them.

create table models (
  model_id text not null primary key,
  -- Two names that differ only in case cannot both exist.
  folded text not null unique check (folded = lower(model_id)),
  -- The number that the next version to become visible gets.
  next_number integer not null default 1 check (next_number >= 1),
  created_at integer not null
) strict, without rowid;

-- The versions. Ids count in the order in which their saves began.
create table trained_models (
  id integer primary key,
  model_id text not null references models (model_id),
  version text not null,
  -- Given when the version becomes visible, so that numbers count up from 1 without gaps.
  number integer check (number >= 1),
  -- Sorts by SemVer precedence, byte by byte.
  sort_key text not null,
  stable integer not null check (stable in (0, 1)),
  state text not null check (state in ('saving', 'ready', 'deleting')),
  save_id text not null unique,
  lease_expires_at integer,
  model_type text not null check (model_type in ('lstm', 'transformer', 'neural', 'ensemble')),
  accuracy real check (accuracy between 0 and 1),
  s3_path text not null check (s3_path glob 's3://?*'),
  layout text not null check (layout in ('file', 'folder')),
  description text,
  -- The paths of all files of a save whose files come in several requests.
  announced text check (json_type(announced) = 'array'),
  -- The rest of what was said when saving, which never changes: shapes, metrics, framework, lineage.
  metadata text not null check (json_type(metadata) = 'object'),
  tags text not null check (json_type(tags) = 'object'),
  -- SHA-256 over the list of files.
  digest text check (length(digest) = 64 and digest not glob '*[^0-9a-f]*'),
  size integer check (size >= 0),
  created_at integer not null,
  created_by text not null,
  updated_at integer not null,
  archived_at integer,
  -- What a text search looks in, folded.
  search_text text not null,
  -- The version as the registry answers it, with its files, aliases and environments: every change of any of them
  -- writes it anew in the same transaction. Null until the version is visible.
  record text check (json_type(record) = 'object'),
  unique (model_id, version),
  check ((state = 'saving') = (lease_expires_at is not null)),
  check ((state = 'saving') = (number is null)),
  check (state = 'saving' or (digest is not null and size is not null)),
  check (state <> 'saving' or archived_at is null)
) strict;

create index versions_by_precedence on trained_models (model_id, sort_key, id) where state = 'ready';
create index versions_latest on trained_models (model_id, sort_key, id)
  where state = 'ready' and stable = 1 and archived_at is null;
create unique index versions_by_number on trained_models (model_id, number desc) where state = 'ready';
create index versions_by_accuracy on trained_models (accuracy, id) where state = 'ready' and accuracy is not null;
create index versions_by_type on trained_models (model_type, id) where state = 'ready';
create index versions_archived on trained_models (id) where state = 'ready' and archived_at is not null;
create index versions_unfinished on trained_models (state, id) where state <> 'ready';

create table files (
  version_id integer not null references trained_models (id) on delete cascade,
  path text not null,
  size integer not null check (size >= 0),
  sha256 text not null check (length(sha256) = 64 and sha256 not glob '*[^0-9a-f]*'),
  media_type text not null,
  address text not null check (address glob 's3://?*'),
  ownership text not null check (ownership in ('registry', 'caller')),
  primary key (version_id, path)
) strict, without rowid;

create index files_by_address on files (address);

-- The tags of visible versions, for searching: what trained_models.tags says, kept by the triggers below.
create table version_tags (
  name text not null,
  value text not null,
  version_id integer not null,
  primary key (name, value, version_id)
) strict, without rowid;

-- The text of visible versions, for searching parts of words; the row id is the version's id. It holds which versions
-- have which three characters, and no more: whoever asks for a longer text looks at search_text as well.
create virtual table version_search using fts5 (
  text, content = '', columnsize = 0, detail = none, tokenize = 'trigram case_sensitive 1'
);
-- Merges its parts half as often as by default: a save costs less, a search looks into a few parts more.
insert into version_search (version_search, rank) values ('automerge', 8);

create trigger version_appears after update of state on trained_models
when new.state = 'ready' and old.state <> 'ready' begin
  insert into version_tags (name, value, version_id) select key, value, new.id from json_each(new.tags);
  insert into version_search (rowid, text) values (new.id, new.search_text);
end;

create trigger version_appears_at_once after insert on trained_models when new.state = 'ready' begin
  insert into version_tags (name, value, version_id) select key, value, new.id from json_each(new.tags);
  insert into version_search (rowid, text) values (new.id, new.search_text);
end;

create trigger version_disappears after update of state on trained_models
when old.state = 'ready' and new.state <> 'ready' begin
  delete from version_tags
    where (name, value, version_id) in (select key, value, old.id from json_each(old.tags));
  insert into version_search (version_search, rowid, text) values ('delete', old.id, old.search_text);
end;

create trigger version_removed after delete on trained_models when old.state = 'ready' begin
  delete from version_tags
    where (name, value, version_id) in (select key, value, old.id from json_each(old.tags));
  insert into version_search (version_search, rowid, text) values ('delete', old.id, old.search_text);
end;

create trigger tags_changed after update of tags on trained_models
when new.state = 'ready' and old.state = 'ready' and new.tags <> old.tags begin
  delete from version_tags
    where (name, value, version_id) in (select key, value, old.id from json_each(old.tags));
  insert into version_tags (name, value, version_id) select key, value, new.id from json_each(new.tags);
end;

create trigger text_changed after update of search_text on trained_models
when new.state = 'ready' and old.state = 'ready' and new.search_text <> old.search_text begin
  insert into version_search (version_search, rowid, text) values ('delete', old.id, old.search_text);
  insert into version_search (rowid, text) values (new.id, new.search_text);
end;

create table aliases (
  model_id text not null references models (model_id),
  alias text not null check (alias <> 'latest'),
  version_id integer not null references trained_models (id) on delete cascade,
  primary key (model_id, alias)
) strict, without rowid;

create index aliases_by_version on aliases (version_id, alias);

create table deployments (
  id integer primary key,
  model_id text not null,
  version text not null,
  -- Null once the version is deleted; the record of what was served stays.
  version_id integer references trained_models (id) on delete set null,
  environment text not null,
  status text not null check (status in ('active', 'superseded')),
  -- Grows with each deployment of the model in the environment.
  fence integer not null check (fence >= 1),
  previous_id integer,
  previous_version text,
  rollback_of integer,
  restores integer,
  deployed_at integer not null,
  deployed_by text not null,
  superseded_at integer,
  unique (model_id, environment, fence),
  check ((status = 'active') = (superseded_at is null)),
  check (status <> 'active' or version_id is not null),
  check ((previous_id is null) = (previous_version is null)),
  check ((rollback_of is null) = (restores is null))
) strict;

-- Two active deployments of one model in one environment are impossible, whoever writes.
create unique index one_active_deployment on deployments (model_id, environment) where status = 'active';
create index active_by_version on deployments (version_id, environment) where status = 'active';
create index active_by_environment on deployments (environment, version_id) where status = 'active';
create index deployments_by_version on deployments (version_id, environment);
create index deployments_by_model on deployments (model_id, id);
create index deployments_by_environment on deployments (environment, id);

create trigger active_version_stays before update of state, archived_at on trained_models
when (new.state <> 'ready' or new.archived_at is not null)
  and exists (select 1 from deployments where version_id = old.id and status = 'active') begin
  select raise(abort, 'an active version cannot be archived or deleted');
end;

create table deployment_locks (
  model_id text not null,
  environment text not null,
  lock_id text not null,
  holder text not null,
  purpose text not null,
  expires_at integer not null,
  primary key (model_id, environment)
) strict, without rowid;

create table history (
  sequence integer primary key,
  at integer not null,
  actor text not null,
  action text not null check (action in (
    'saved', 'deployed', 'rolled-back', 'archived', 'restored', 'deleted', 'metadata-updated', 'alias-set',
    'alias-removed'
  )),
  model_id text not null,
  version text,
  environment text,
  details text not null check (json_type(details) = 'object')
) strict;

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

create table idempotency_keys (
  key text not null primary key,
  -- Whose run of the work the entry is.
  owner text not null,
  fingerprint text not null,
  keep_ms integer not null check (keep_ms >= 0),
  -- When the entry is forgotten: the end of its lease, or of its keeping once it has an answer.
  expires_at integer not null,
  status integer check (status between 100 and 599),
  body text,
  check ((status is null) = (body is null))
) strict, without rowid;

create index idempotency_keys_by_expiry on idempotency_keys (expires_at);

create table access_tokens (
  name text not null primary key,
  hash text not null unique check (length(hash) = 64 and hash not glob '*[^0-9a-f]*'),
  scopes text not null check (json_type(scopes) = 'array'),
  created_at text not null
) strict, without rowid;
