-- Whether the registry wrote an object is asked before it is registered; of those that callers gave, one may have many versions.
drop index files_by_address;
create index files_by_address on files (address, ownership);
