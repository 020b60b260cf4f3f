//! The dialect `alphapo`, asked as merchants ask it. Every exchange is compared with its OpenAPI document on the way.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

mod addresses;
mod authentication;
mod callbacks;
mod contract;
mod currencies;
mod document;
mod exchange;
mod golden;
mod info;
mod invoices;
mod rig;
mod states;
mod tcp;
