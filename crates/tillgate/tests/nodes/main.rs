//! Many nodes of the real binary on one PostgreSQL: what one begins another goes on with, whoever is killed, asleep,
//! restarted, or loses its database.

mod balancer;
mod failover;
mod fleet;
mod load;
mod outage;
mod restarts;
mod shared;
mod shop;
mod takeover;
mod upgrade;
