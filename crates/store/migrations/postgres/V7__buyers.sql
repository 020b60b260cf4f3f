-- What a buyer is asked before he is told where to pay, and who he said he is.

alter table payments add column questions bigint not null default 0;

-- Personal data: sealed with the master key, each for its payment.
create table senders (
  payment_id uuid not null,
  shop_id uuid not null,
  sealed bytea not null,
  given_at bigint not null,
  primary key (payment_id, shop_id)
);
