//! What a buyer sees and chooses.

mod answer;
mod choose;
mod view;

pub use answer::AnswerQuestions;
pub(crate) use answer::{keep_sender, sender};
pub(crate) use choose::{Ask, NEXT_ADDRESSES, ask, choose, takes};
pub use choose::{ChooseMethod, MAX_CHOICES};
pub use view::{CheckoutView, Instruction, Offer};
