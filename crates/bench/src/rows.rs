//! What is measured: a part of the run each.

pub(crate) mod blocks;
pub(crate) mod growth;
pub(crate) mod http;
pub(crate) mod mixed;
pub(crate) mod start;
pub(crate) mod webhooks;
