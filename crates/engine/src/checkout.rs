//! What a buyer sees and chooses.

mod choose;
mod view;

pub use choose::ChooseMethod;
pub(crate) use choose::choose;
pub use view::{CheckoutView, Instruction, Offer};
