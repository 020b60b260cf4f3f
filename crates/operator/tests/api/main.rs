//! The operator's API, asked as its clients ask it. Every answer is held against the document.

mod answers;
mod asked;
mod document;
mod mails;
mod mistakes;
mod payments;
mod shops;
