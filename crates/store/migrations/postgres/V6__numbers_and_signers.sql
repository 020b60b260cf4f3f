-- Callers that sign, numbers and references of a shop's own, terms that count from a choice or from a first sight, what
-- an event said in its moment, addresses that stay with a client, and what a shop has received.

-- What a caller signs with who names a public key. It is needed again, and so it is sealed, not hashed.
alter table credentials add column secret bytea;
alter table credentials add column public_key text;

-- What a delivery lacks that is due.
alter table deliveries add column waits_for text;

-- One sequence for everything of a shop that has a number. Numbers are reserved in blocks, so some are never given.
create table number_counters (
  shop_id uuid not null primary key references shops (id),
  next bigint not null
);

create table numbers (
  shop_id uuid not null,
  number bigint not null,
  kind text not null,
  subject bytea not null,
  primary key (shop_id, number)
);
alter table payments add column number bigint;
alter table receipts add column number bigint;
alter table addresses add column number bigint;

-- References that name one payment for ever.
create table payment_references (
  shop_id uuid not null,
  dialect text not null,
  reference text not null,
  payment_id uuid not null,
  primary key (shop_id, dialect, reference)
);

-- How long an order is open once its buyer has chosen, and how long money may take to become final.
alter table payments add column choice_window bigint;
alter table payments add column confirm_limit bigint;
alter table payments add column confirm_by bigint;
-- What the expiry worker walks besides: only payments that may expire with all of their money there.
create index payments_by_confirm_by on payments (confirm_by, id)
  where status = 'processing' and confirm_by is not null;

-- What a dialect wrote down of the moment of an event, for its callback.
alter table events add column facts text;

-- An address that stays with a client of a shop. Whatever comes there makes a payment of its own.
create table client_addresses (
  id uuid not null,
  shop_id uuid not null,
  dialect text not null,
  client text not null,
  network text not null,
  asset text not null,
  script bytea not null,
  number bigint,
  settles_in text,
  settles_decimals bigint,
  details text,
  created_at bigint not null,
  first_paid_at bigint,
  primary key (id, shop_id)
);
create unique index client_addresses_by_client on client_addresses (shop_id, dialect, client, network, asset);
alter table addresses add column client_address_id uuid;

-- What is final of all that a shop received, kept with the ledger's lines.
create table balances (
  shop_id uuid not null,
  network text not null,
  asset text not null,
  decimals bigint not null,
  amount text not null,
  primary key (shop_id, network, asset)
);
