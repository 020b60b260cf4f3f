//! What several pages have in common. Each part is a template with a type of its own.

mod arrivals;
mod cancel;
mod facts;
mod methods;
mod order;
mod progress;
mod questions;
mod simulator;
mod time_left;
mod transfer;
mod way;

pub(crate) use arrivals::Arrivals;
pub(crate) use cancel::Cancel;
pub(crate) use facts::Facts;
pub(crate) use methods::Methods;
pub(crate) use order::Order;
pub(crate) use progress::Progress;
pub(crate) use questions::{Mended, Questions};
pub(crate) use simulator::{Act, Simulator, simulated};
pub(crate) use time_left::TimeLeft;
pub(crate) use transfer::Transfer;
pub(crate) use way::Way;
