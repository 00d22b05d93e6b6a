-- What concerns no single model has * in place of its name.
alter table history drop constraint history_action;
alter table history add constraint history_action check (action in (
  'saved', 'deployed', 'rolled-back', 'archived', 'restored', 'deleted', 'metadata-updated', 'alias-set',
  'alias-removed', 'approved', 'approval-revoked', 'synced', 'breaker-reset'
));
