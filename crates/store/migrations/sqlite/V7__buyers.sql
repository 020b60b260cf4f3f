-- What a buyer is asked before he is told where to pay, and who he said he is.

alter table payments add column questions integer not null default 0;

-- Personal data: sealed with the master key, each for its payment.
create table senders (
  payment_id blob not null,
  shop_id blob not null,
  sealed blob not null,
  given_at integer not null,
  primary key (payment_id, shop_id)
) strict, without rowid;
