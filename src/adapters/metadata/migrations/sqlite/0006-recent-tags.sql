-- The tags of the versions in unsearched_versions, which are put into version_tags with their texts: each tag has its
-- place there on a page of its own, and those of many versions share some.
create table recent_tags (
  name text not null,
  value text not null,
  version_id integer not null,
  primary key (name, value, version_id)
) strict, without rowid;

drop trigger searches_catch_up;
drop trigger version_appears;
drop trigger version_appears_at_once;
drop trigger version_disappears;
drop trigger version_removed;
drop trigger tags_changed;

create trigger searches_catch_up after insert on unsearched_versions
when (select count(*) from unsearched_versions) >= 64 begin
  insert into version_search (rowid, text)
    select v.id, v.search_text from unsearched_versions u cross join trained_models v where v.id = u.version_id;
  insert into version_tags (name, value, version_id) select name, value, version_id from recent_tags;
  delete from recent_tags;
  delete from unsearched_versions;
end;

create trigger version_appears after update of state on trained_models
when new.state = 'ready' and old.state <> 'ready' begin
  insert into recent_tags (name, value, version_id) select key, value, new.id from json_each(new.tags);
  insert into unsearched_versions (version_id) values (new.id);
end;

create trigger version_appears_at_once after insert on trained_models when new.state = 'ready' begin
  insert into recent_tags (name, value, version_id) select key, value, new.id from json_each(new.tags);
  insert into unsearched_versions (version_id) values (new.id);
end;

create trigger version_disappears after update of state on trained_models
when old.state = 'ready' and new.state <> 'ready' begin
  delete from recent_tags
    where (name, value, version_id) in (select key, value, old.id from json_each(old.tags));
  delete from version_tags
    where (name, value, version_id) in (select key, value, old.id from json_each(old.tags));
  insert into version_search (version_search, rowid, text) select 'delete', old.id, old.search_text
    where not exists (select 1 from unsearched_versions where version_id = old.id);
  delete from unsearched_versions where version_id = old.id;
end;

create trigger version_removed after delete on trained_models when old.state = 'ready' begin
  delete from recent_tags
    where (name, value, version_id) in (select key, value, old.id from json_each(old.tags));
  delete from version_tags
    where (name, value, version_id) in (select key, value, old.id from json_each(old.tags));
  insert into version_search (version_search, rowid, text) select 'delete', old.id, old.search_text
    where not exists (select 1 from unsearched_versions where version_id = old.id);
  delete from unsearched_versions where version_id = old.id;
end;

create trigger tags_changed after update of tags on trained_models
when new.state = 'ready' and old.state = 'ready' and new.tags <> old.tags begin
  delete from recent_tags
    where (name, value, version_id) in (select key, value, old.id from json_each(old.tags));
  delete from version_tags
    where (name, value, version_id) in (select key, value, old.id from json_each(old.tags));
  insert into version_tags (name, value, version_id) select key, value, new.id from json_each(new.tags);
end;
