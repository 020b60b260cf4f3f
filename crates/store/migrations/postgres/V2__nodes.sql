-- Processes that share a database: each says again and again that it lives, and holds what only one of them may do.

create table nodes (
  id uuid not null primary key,
  beat bigint not null,
  joined_at bigint not null
);

create table leases (
  name text not null primary key,
  node_id uuid,
  fence bigint not null
);

alter table deliveries add column leased_by uuid;
