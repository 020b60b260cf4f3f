-- By how many millionths below the market a shop takes money in another asset, and what of it each payment agreed to.

alter table shops add column spread_ppm integer not null default 0;
alter table payments add column spread_ppm integer not null default 0;
