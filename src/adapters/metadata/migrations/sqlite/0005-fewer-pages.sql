-- What a commit costs grows with the pages that it touches, and each index is one of them.

-- Whoever looks for one version passes over the entries of the model's others, in the index alone.
drop index history_by_model_version;
drop index history_by_model;
create index history_by_model on history (model_id, sequence, version);

-- The same for the latest: what is above it and is not stable is passed over in the index.
drop index versions_latest;
drop index versions_by_precedence;
create index versions_by_precedence on trained_models (model_id, sort_key, id, stable)
  where state = 'ready';

drop index active_by_version;
drop index deployments_by_version;
create index deployments_by_version on deployments (version_id, status, environment);

-- Visible versions whose text is not in version_search yet. A search looks at the text of each of them, so that they
-- stay few; and what many texts have in common is written once for all of them.
create table unsearched_versions (version_id integer primary key) strict;

create trigger searches_catch_up after insert on unsearched_versions
when (select count(*) from unsearched_versions) >= 64 begin
  insert into version_search (rowid, text)
    select v.id, v.search_text from unsearched_versions u cross join trained_models v where v.id = u.version_id;
  delete from unsearched_versions;
end;

drop trigger version_appears;
drop trigger version_appears_at_once;
drop trigger version_disappears;
drop trigger version_removed;
drop trigger text_changed;

create trigger version_appears after update of state on trained_models
when new.state = 'ready' and old.state <> 'ready' begin
  insert into version_tags (name, value, version_id) select key, value, new.id from json_each(new.tags);
  insert into unsearched_versions (version_id) values (new.id);
end;

create trigger version_appears_at_once after insert on trained_models when new.state = 'ready' begin
  insert into version_tags (name, value, version_id) select key, value, new.id from json_each(new.tags);
  insert into unsearched_versions (version_id) values (new.id);
end;

create trigger version_disappears after update of state on trained_models
when old.state = 'ready' and new.state <> 'ready' begin
  delete from version_tags
    where (name, value, version_id) in (select key, value, old.id from json_each(old.tags));
  insert into version_search (version_search, rowid, text) select 'delete', old.id, old.search_text
    where not exists (select 1 from unsearched_versions where version_id = old.id);
  delete from unsearched_versions where version_id = old.id;
end;

create trigger version_removed after delete on trained_models when old.state = 'ready' begin
  delete from version_tags
    where (name, value, version_id) in (select key, value, old.id from json_each(old.tags));
  insert into version_search (version_search, rowid, text) select 'delete', old.id, old.search_text
    where not exists (select 1 from unsearched_versions where version_id = old.id);
  delete from unsearched_versions where version_id = old.id;
end;

create trigger text_changed after update of search_text on trained_models
when new.state = 'ready' and old.state = 'ready' and new.search_text <> old.search_text begin
  insert into version_search (version_search, rowid, text) select 'delete', old.id, old.search_text
    where not exists (select 1 from unsearched_versions where version_id = old.id);
  delete from unsearched_versions where version_id = old.id;
  insert into unsearched_versions (version_id) values (new.id);
end;
