-- Ids are UUIDs and time-ordered, times are microseconds since 1970, amounts are minor units as decimal text.
-- Every table that a shop owns has the key (id, shop_id): the id first, so that inserts land at the right edge of the
-- tree; the shop in it, so that a statement cannot reach another shop's row by accident.

create table compatibility (
  id bigint not null primary key check (id = 1),
  compatible_from bigint not null
);
insert into compatibility (id, compatible_from) values (1, 1);

create table installation (
  id bigint not null primary key check (id = 1),
  environment text not null,
  key_check bytea not null,
  token_key bytea not null,
  clock_offset bigint not null,
  created_at bigint not null
);

create table merchants (
  id uuid not null primary key,
  name text not null,
  created_at bigint not null
);

create table shops (
  id uuid not null primary key,
  merchant_id uuid not null references merchants (id),
  name text not null,
  active bigint not null,
  order_validity bigint,
  depth bigint,
  tolerance_absolute text not null,
  tolerance_ppm bigint not null,
  created_at bigint not null
);

create table credentials (
  id uuid not null,
  shop_id uuid not null references shops (id),
  dialect text not null,
  kind text not null,
  hash bytea not null,
  scopes text not null,
  allowed_ips text not null,
  hint text not null,
  created_at bigint not null,
  expires_at bigint,
  revoked_at bigint,
  last_used_at bigint,
  primary key (id, shop_id)
);
create unique index credentials_by_hash on credentials (hash);
create index credentials_by_shop on credentials (shop_id, id);

create table wallets (
  id uuid not null,
  shop_id uuid not null references shops (id),
  fingerprint text not null,
  xpub text not null,
  script_kind text not null,
  simulated bigint not null,
  derived bigint not null,
  issued bigint not null,
  created_at bigint not null,
  primary key (id, shop_id)
);
create unique index wallets_by_fingerprint on wallets (fingerprint);
create index wallets_by_shop on wallets (shop_id, id);

create table wallet_networks (
  shop_id uuid not null,
  network text not null,
  wallet_id uuid not null,
  primary key (shop_id, network),
  foreign key (wallet_id, shop_id) references wallets (id, shop_id)
);

-- Where money can arrive. What a chain shows has no shop on it, so this is looked up by the script alone.
create table addresses (
  script bytea not null,
  script_kind text not null,
  shop_id uuid not null,
  wallet_id uuid,
  position bigint,
  payment_id uuid,
  issued_at bigint,
  primary key (script, script_kind)
);
create unique index addresses_by_position on addresses (wallet_id, position);

create table payments (
  id uuid not null,
  shop_id uuid not null,
  dialect text not null,
  status text not null,
  flags bigint not null,
  price_amount text not null,
  price_currency text not null,
  price_decimals bigint not null,
  seen text not null,
  confirmed text not null,
  deadline bigint,
  quote_validity bigint not null,
  seen_limit bigint not null,
  late text not null,
  tolerance_absolute text not null,
  tolerance_ppm bigint not null,
  depth bigint,
  reference text,
  description text,
  customer_email text,
  success_url text,
  cancel_url text,
  details text,
  created_at bigint not null,
  updated_at bigint not null,
  paid_at bigint,
  expired_at bigint,
  cancelled_at bigint,
  failed_at bigint,
  last_event uuid,
  events bigint not null,
  version bigint not null,
  primary key (id, shop_id)
);
create index payments_by_shop on payments (shop_id, id);
-- What the expiry worker walks: only payments that may still expire, in the order in which they do.
create index payments_by_deadline on payments (deadline, id) where status = 'waiting' and deadline is not null;

create table idempotency (
  shop_id uuid not null,
  dialect text not null,
  key text not null,
  fingerprint bytea not null,
  payment_id uuid not null,
  created_at bigint not null,
  primary key (shop_id, dialect, key)
);
create index idempotency_by_age on idempotency (created_at);

create table quotes (
  id uuid not null,
  shop_id uuid not null,
  payment_id uuid not null,
  number bigint not null,
  network text not null,
  asset text not null,
  script bytea not null,
  covers text not null,
  asks text not null,
  depth bigint not null,
  created_at bigint not null,
  valid_until bigint,
  rate_numerator text not null,
  rate_denominator text not null,
  sources text not null,
  primary key (id, shop_id),
  foreign key (payment_id, shop_id) references payments (id, shop_id)
);
-- Which quote a buyer was shown last must not hang on a clock: a payment's quotes are numbered.
create unique index quotes_by_payment on quotes (payment_id, number);

create table receipts (
  id uuid not null,
  shop_id uuid not null,
  payment_id uuid not null,
  network text not null,
  chain text not null,
  txid text not null,
  ordinal bigint not null,
  asset text not null,
  script bytea not null,
  amount text not null,
  valued_by uuid,
  depth bigint not null,
  first_seen bigint not null,
  moment bigint not null,
  standing text not null,
  block_height bigint,
  block_hash text,
  block_time bigint,
  primary key (id, shop_id),
  foreign key (payment_id, shop_id) references payments (id, shop_id)
);
-- The same money is recorded once. What moved is part of the key: a transaction that moves something else when it is
-- mined again is something else.
create unique index receipts_by_fact on receipts (txid, ordinal, network, chain, script, asset, amount);
create index receipts_by_payment on receipts (payment_id, id);
create index receipts_unconfirmed on receipts (network, chain, id) where standing = 'seen';
create index receipts_by_block on receipts (network, chain, block_height) where block_height is not null;
create index receipts_unvalued on receipts (id) where valued_by is null;

-- Which blocks held a receipt, and which of them left the chain again.
create table inclusions (
  receipt_id uuid not null,
  block_hash text not null,
  shop_id uuid not null,
  block_height bigint not null,
  block_time bigint not null,
  orphaned_at bigint,
  primary key (receipt_id, block_hash, shop_id),
  foreign key (receipt_id, shop_id) references receipts (id, shop_id)
);

create table events (
  id uuid not null,
  shop_id uuid not null,
  payment_id uuid not null,
  sequence bigint not null,
  kind text not null,
  at bigint not null,
  status text not null,
  flags bigint not null,
  seen text not null,
  confirmed text not null,
  receipt_id uuid,
  previous uuid,
  primary key (id, shop_id)
);

create table endpoints (
  id uuid not null,
  shop_id uuid not null references shops (id),
  dialect text not null,
  url text not null,
  secret bytea not null,
  previous_secret bytea,
  previous_until bigint,
  subscriptions text not null,
  created_at bigint not null,
  deleted_at bigint,
  failing_since bigint,
  primary key (id, shop_id)
);
create index endpoints_by_shop on endpoints (shop_id, id);
create index endpoints_by_cutover on endpoints (previous_until) where previous_until is not null;

create table deliveries (
  id uuid not null,
  shop_id uuid not null,
  endpoint_id uuid not null,
  event_id uuid not null,
  event_name text not null,
  status text not null,
  attempts bigint not null,
  next_attempt_at bigint,
  leased_until bigint not null,
  manual bigint not null,
  created_at bigint not null,
  primary key (id, shop_id)
);
create index deliveries_due on deliveries (endpoint_id, next_attempt_at) where next_attempt_at is not null;

create table attempts (
  id uuid not null,
  shop_id uuid not null,
  delivery_id uuid not null,
  number bigint not null,
  at bigint not null,
  http_status bigint,
  error text,
  excerpt text not null,
  took bigint not null,
  primary key (id, shop_id)
);
create index attempts_by_delivery on attempts (delivery_id, id);

create table postings (
  entry_id uuid not null,
  line bigint not null,
  shop_id uuid not null,
  payment_id uuid not null,
  receipt_id uuid not null,
  network text not null,
  asset text not null,
  account text not null,
  amount text not null,
  at bigint not null,
  primary key (entry_id, line, shop_id)
);

create table decisions (
  id uuid not null,
  shop_id uuid not null,
  payment_id uuid not null,
  kind text not null,
  receipt_id uuid,
  created_at bigint not null,
  resolved_at bigint,
  primary key (id, shop_id)
);
create index decisions_by_payment on decisions (payment_id, id);

create table cursors (
  network text not null,
  chain text not null,
  height bigint not null,
  hash text not null,
  horizon bigint not null,
  primary key (network, chain)
);

-- The newest blocks that were followed: enough of them to find where a reorganised chain parted.
create table blocks (
  network text not null,
  chain text not null,
  height bigint not null,
  hash text not null,
  primary key (network, chain, height)
);

create table networks (
  network text not null primary key,
  chain text,
  health text not null,
  reason text,
  head_height bigint,
  head_time bigint,
  reported_at bigint not null
);

create table rates (
  pair text not null,
  source text not null,
  numerator text not null,
  denominator text not null,
  at bigint not null,
  primary key (pair, source)
);

create table sandbox_networks (
  network text not null primary key,
  stalled_at bigint
);

create table sandbox_blocks (
  network text not null,
  height bigint not null,
  hash text not null,
  parent text not null,
  time bigint not null,
  primary key (network, height)
);

create table sandbox_transfers (
  id uuid not null primary key,
  network text not null,
  txid text not null,
  ordinal bigint not null,
  script bytea not null,
  asset text not null,
  amount text not null,
  height bigint
);
create index sandbox_transfers_by_height on sandbox_transfers (network, height);

create table sandbox_declines (
  network text not null,
  script bytea not null,
  primary key (network, script)
);
