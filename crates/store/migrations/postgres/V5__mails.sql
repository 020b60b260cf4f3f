-- Mails to buyers: what each is about, and how far it came. Address and words follow from the payment.

create table mails (
  id uuid not null,
  shop_id uuid not null,
  payment_id uuid not null,
  event_id uuid not null,
  kind text not null,
  about uuid not null,
  status text not null,
  attempts bigint not null,
  resent bigint not null,
  queued_at bigint not null,
  next_attempt_at bigint,
  leased_until bigint not null,
  leased_by uuid,
  ended_at bigint,
  error text,
  created_at bigint not null,
  primary key (id, shop_id)
);
-- One fact has one mail, however often it becomes known: about is the receipt, or else the payment itself.
create unique index mails_by_fact on mails (payment_id, kind, about);
create index mails_due on mails (next_attempt_at) where next_attempt_at is not null;
