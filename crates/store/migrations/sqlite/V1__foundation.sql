-- Ids are 16 bytes and time-ordered, times are microseconds since 1970, amounts are minor units as decimal text.
-- Every table that a shop owns has the key (id, shop_id): the id first, so that inserts land at the right edge of the
-- tree; the shop in it, so that a statement cannot reach another shop's row by accident.

create table compatibility (
  id integer not null primary key check (id = 1),
  compatible_from integer not null
) strict;
insert into compatibility (id, compatible_from) values (1, 1);

create table installation (
  id integer not null primary key check (id = 1),
  environment text not null,
  key_check blob not null,
  token_key blob not null,
  clock_offset integer not null,
  created_at integer not null
) strict;

create table merchants (
  id blob not null primary key,
  name text not null,
  created_at integer not null
) strict, without rowid;

create table shops (
  id blob not null primary key,
  merchant_id blob not null references merchants (id),
  name text not null,
  active integer not null,
  order_validity integer,
  depth integer,
  tolerance_absolute text not null,
  tolerance_ppm integer not null,
  created_at integer not null
) strict, without rowid;

create table credentials (
  id blob not null,
  shop_id blob not null references shops (id),
  dialect text not null,
  kind text not null,
  hash blob not null,
  scopes text not null,
  allowed_ips text not null,
  hint text not null,
  created_at integer not null,
  expires_at integer,
  revoked_at integer,
  last_used_at integer,
  primary key (id, shop_id)
) strict, without rowid;
create unique index credentials_by_hash on credentials (hash);
create index credentials_by_shop on credentials (shop_id, id);

create table wallets (
  id blob not null,
  shop_id blob not null references shops (id),
  fingerprint text not null,
  xpub text not null,
  script_kind text not null,
  simulated integer not null,
  derived integer not null,
  issued integer not null,
  created_at integer not null,
  primary key (id, shop_id)
) strict, without rowid;
create unique index wallets_by_fingerprint on wallets (fingerprint);
create index wallets_by_shop on wallets (shop_id, id);

create table wallet_networks (
  shop_id blob not null,
  network text not null,
  wallet_id blob not null,
  primary key (shop_id, network),
  foreign key (wallet_id, shop_id) references wallets (id, shop_id)
) strict, without rowid;

-- Where money can arrive. What a chain shows has no shop on it, so this is looked up by the script alone.
create table addresses (
  script blob not null,
  script_kind text not null,
  shop_id blob not null,
  wallet_id blob,
  position integer,
  payment_id blob,
  issued_at integer,
  primary key (script, script_kind)
) strict, without rowid;
create unique index addresses_by_position on addresses (wallet_id, position);

create table payments (
  id blob not null,
  shop_id blob not null,
  dialect text not null,
  status text not null,
  flags integer not null,
  price_amount text not null,
  price_currency text not null,
  price_decimals integer not null,
  seen text not null,
  confirmed text not null,
  deadline integer,
  quote_validity integer not null,
  seen_limit integer not null,
  late text not null,
  tolerance_absolute text not null,
  tolerance_ppm integer not null,
  depth integer,
  reference text,
  description text,
  customer_email text,
  success_url text,
  cancel_url text,
  details text,
  created_at integer not null,
  updated_at integer not null,
  paid_at integer,
  expired_at integer,
  cancelled_at integer,
  failed_at integer,
  last_event blob,
  events integer not null,
  version integer not null,
  primary key (id, shop_id)
) strict, without rowid;
create index payments_by_shop on payments (shop_id, id);
-- What the expiry worker walks: only payments that may still expire, in the order in which they do.
create index payments_by_deadline on payments (deadline, id) where status = 'waiting' and deadline is not null;

create table idempotency (
  shop_id blob not null,
  dialect text not null,
  key text not null,
  fingerprint blob not null,
  payment_id blob not null,
  created_at integer not null,
  primary key (shop_id, dialect, key)
) strict, without rowid;
create index idempotency_by_age on idempotency (created_at);

create table quotes (
  id blob not null,
  shop_id blob not null,
  payment_id blob not null,
  number integer not null,
  network text not null,
  asset text not null,
  script blob not null,
  covers text not null,
  asks text not null,
  depth integer not null,
  created_at integer not null,
  valid_until integer,
  rate_numerator text not null,
  rate_denominator text not null,
  sources text not null,
  primary key (id, shop_id),
  foreign key (payment_id, shop_id) references payments (id, shop_id)
) strict, without rowid;
-- Which quote a buyer was shown last must not hang on a clock: a payment's quotes are numbered.
create unique index quotes_by_payment on quotes (payment_id, number);

create table receipts (
  id blob not null,
  shop_id blob not null,
  payment_id blob not null,
  network text not null,
  chain text not null,
  txid text not null,
  ordinal integer not null,
  asset text not null,
  script blob not null,
  amount text not null,
  valued_by blob,
  depth integer not null,
  first_seen integer not null,
  moment integer not null,
  standing text not null,
  block_height integer,
  block_hash text,
  block_time integer,
  primary key (id, shop_id),
  foreign key (payment_id, shop_id) references payments (id, shop_id)
) strict, without rowid;
-- The same money is recorded once. What moved is part of the key: a transaction that moves something else when it is
-- mined again is something else.
create unique index receipts_by_fact on receipts (txid, ordinal, network, chain, script, asset, amount);
create index receipts_by_payment on receipts (payment_id, id);
create index receipts_unconfirmed on receipts (network, chain, id) where standing = 'seen';
create index receipts_by_block on receipts (network, chain, block_height) where block_height is not null;
create index receipts_unvalued on receipts (id) where valued_by is null;

-- Which blocks held a receipt, and which of them left the chain again.
create table inclusions (
  receipt_id blob not null,
  block_hash text not null,
  shop_id blob not null,
  block_height integer not null,
  block_time integer not null,
  orphaned_at integer,
  primary key (receipt_id, block_hash, shop_id),
  foreign key (receipt_id, shop_id) references receipts (id, shop_id)
) strict, without rowid;

create table events (
  id blob not null,
  shop_id blob not null,
  payment_id blob not null,
  sequence integer not null,
  kind text not null,
  at integer not null,
  status text not null,
  flags integer not null,
  seen text not null,
  confirmed text not null,
  receipt_id blob,
  previous blob,
  primary key (id, shop_id)
) strict, without rowid;

create table endpoints (
  id blob not null,
  shop_id blob not null references shops (id),
  dialect text not null,
  url text not null,
  secret blob not null,
  previous_secret blob,
  previous_until integer,
  subscriptions text not null,
  created_at integer not null,
  deleted_at integer,
  failing_since integer,
  primary key (id, shop_id)
) strict, without rowid;
create index endpoints_by_shop on endpoints (shop_id, id);
create index endpoints_by_cutover on endpoints (previous_until) where previous_until is not null;

create table deliveries (
  id blob not null,
  shop_id blob not null,
  endpoint_id blob not null,
  event_id blob not null,
  event_name text not null,
  status text not null,
  attempts integer not null,
  next_attempt_at integer,
  leased_until integer not null,
  manual integer not null,
  created_at integer not null,
  primary key (id, shop_id)
) strict, without rowid;
create index deliveries_due on deliveries (endpoint_id, next_attempt_at) where next_attempt_at is not null;

create table attempts (
  id blob not null,
  shop_id blob not null,
  delivery_id blob not null,
  number integer not null,
  at integer not null,
  http_status integer,
  error text,
  excerpt text not null,
  took integer not null,
  primary key (id, shop_id)
) strict, without rowid;
create index attempts_by_delivery on attempts (delivery_id, id);

create table postings (
  entry_id blob not null,
  line integer not null,
  shop_id blob not null,
  payment_id blob not null,
  receipt_id blob not null,
  network text not null,
  asset text not null,
  account text not null,
  amount text not null,
  at integer not null,
  primary key (entry_id, line, shop_id)
) strict, without rowid;

create table decisions (
  id blob not null,
  shop_id blob not null,
  payment_id blob not null,
  kind text not null,
  receipt_id blob,
  created_at integer not null,
  resolved_at integer,
  primary key (id, shop_id)
) strict, without rowid;
create index decisions_by_payment on decisions (payment_id, id);

create table cursors (
  network text not null,
  chain text not null,
  height integer not null,
  hash text not null,
  horizon integer not null,
  primary key (network, chain)
) strict, without rowid;

-- The newest blocks that were followed: enough of them to find where a reorganised chain parted.
create table blocks (
  network text not null,
  chain text not null,
  height integer not null,
  hash text not null,
  primary key (network, chain, height)
) strict, without rowid;

create table networks (
  network text not null primary key,
  chain text,
  health text not null,
  reason text,
  head_height integer,
  head_time integer,
  reported_at integer not null
) strict, without rowid;

create table rates (
  pair text not null,
  source text not null,
  numerator text not null,
  denominator text not null,
  at integer not null,
  primary key (pair, source)
) strict, without rowid;

create table sandbox_networks (
  network text not null primary key,
  stalled_at integer
) strict, without rowid;

create table sandbox_blocks (
  network text not null,
  height integer not null,
  hash text not null,
  parent text not null,
  time integer not null,
  primary key (network, height)
) strict, without rowid;

create table sandbox_transfers (
  id blob not null primary key,
  network text not null,
  txid text not null,
  ordinal integer not null,
  script blob not null,
  asset text not null,
  amount text not null,
  height integer
) strict, without rowid;
create index sandbox_transfers_by_height on sandbox_transfers (network, height);

create table sandbox_declines (
  network text not null,
  script blob not null,
  primary key (network, script)
) strict, without rowid;
