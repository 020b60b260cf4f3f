-- Processes that share a database: each says again and again that it lives, and holds what only one of them may do.

create table nodes (
  id blob not null primary key,
  beat integer not null,
  joined_at integer not null
) strict, without rowid;

create table leases (
  name text not null primary key,
  node_id blob,
  fence integer not null
) strict, without rowid;

alter table deliveries add column leased_by blob;
