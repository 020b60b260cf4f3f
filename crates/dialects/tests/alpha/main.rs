//! The dialect `alpha`, asked as merchants ask it. Every exchange is compared with its OpenAPI document on the way.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

mod authentication;
mod bodies;
mod callbacks;
mod checkout;
mod contract;
mod document;
mod errors;
mod exchange;
mod gate;
mod idempotency;
mod limits;
mod lists;
mod logs;
mod rig;
mod states;
mod tcp;
