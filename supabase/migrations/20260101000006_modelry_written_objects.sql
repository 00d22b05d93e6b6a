-- Made by `npm run generate` from src/adapters/metadata/migrations/postgres; not to be edited.

-- Whether the registry wrote an object is asked before it is registered; of those that callers gave, one may have many versions.
drop index files_by_address;
create index files_by_address on files (address, ownership);

insert into schema_migrations (number, name, checksum, applied_at)
  values (6, 'written-objects', '3ad0fc7545c34cec23c00cfdccae0d2748501c7458dbc4345a6df716600459c9', (extract(epoch from now()) * 1000)::bigint);
