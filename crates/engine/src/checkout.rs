//! What a buyer sees and chooses.

mod choose;
mod view;

pub(crate) use choose::{Ask, NEXT_ADDRESSES, ask, choose};
pub use choose::{ChooseMethod, MAX_CHOICES};
pub use view::{CheckoutView, Instruction, Offer};
