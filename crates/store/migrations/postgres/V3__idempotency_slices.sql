-- Several nodes cannot share what each of them knows of slices: here every key is in the first one, and the key of the
-- table stays what it was, so that the nodes of the version before go on working.
alter table idempotency add column slice bigint not null default 0;
