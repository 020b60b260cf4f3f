-- Keys are random. They lie in slices, so that a new one goes into a tree that is small: see docs/decisions/0007.
create table sliced_idempotency (
  slice integer not null,
  shop_id blob not null,
  dialect text not null,
  key text not null,
  fingerprint blob not null,
  payment_id blob not null,
  created_at integer not null,
  primary key (slice, shop_id, dialect, key)
) strict, without rowid;
insert into sliced_idempotency (slice, shop_id, dialect, key, fingerprint, payment_id, created_at)
  select 0, shop_id, dialect, key, fingerprint, payment_id, created_at from idempotency;
drop table idempotency;
alter table sliced_idempotency rename to idempotency;
create index idempotency_by_age on idempotency (created_at);

-- A version before this one would not find the keys of a slice.
update compatibility set compatible_from = 3;
