//! What a buyer sees and chooses.

mod choose;
mod view;

pub(crate) use choose::choose;
pub use choose::{ChooseMethod, MAX_CHOICES};
pub use view::{CheckoutView, Instruction, Offer};
