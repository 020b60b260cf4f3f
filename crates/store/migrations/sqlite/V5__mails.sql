-- Mails to buyers: what each is about, and how far it came. Address and words follow from the payment.

create table mails (
  id blob not null,
  shop_id blob not null,
  payment_id blob not null,
  event_id blob not null,
  kind text not null,
  about blob not null,
  status text not null,
  attempts integer not null,
  resent integer not null,
  queued_at integer not null,
  next_attempt_at integer,
  leased_until integer not null,
  leased_by blob,
  ended_at integer,
  error text,
  created_at integer not null,
  primary key (id, shop_id)
) strict, without rowid;
-- One fact has one mail, however often it becomes known: about is the receipt, or else the payment itself.
create unique index mails_by_fact on mails (payment_id, kind, about);
create index mails_due on mails (next_attempt_at) where next_attempt_at is not null;
