//! The buyer's pages, asked for as a browser would, and driven through the engine.

mod till;

#[path = "pages/acts.rs"]
mod acts;
#[path = "pages/answers.rs"]
mod answers;
#[path = "pages/questions.rs"]
mod questions;
#[path = "pages/states.rs"]
mod states;
#[path = "pages/visit.rs"]
mod visit;
