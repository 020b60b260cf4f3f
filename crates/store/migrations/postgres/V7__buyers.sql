-- What a buyer is asked before he is told where to pay, who he said he is, and what rates he was promised.

alter table payments add column questions bigint not null default 0;

-- Personal data: sealed with the master key, each for its payment.
create table senders (
  payment_id uuid not null,
  shop_id uuid not null,
  sealed bytea not null,
  given_at bigint not null,
  primary key (payment_id, shop_id)
);

-- What things are worth for a payment whose rates were fixed when it was made. They are kept until it expires.
alter table payments add column fixes_rates bigint not null default 0;
create table fixed_rates (
  payment_id uuid not null,
  shop_id uuid not null,
  asset text not null,
  rate_numerator text not null,
  rate_denominator text not null,
  sources text not null,
  valid_until bigint not null,
  primary key (payment_id, asset, shop_id)
);
create index fixed_rates_by_end on fixed_rates (valid_until);
