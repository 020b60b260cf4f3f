//! What all pages share: layout, stylesheet, script, security headers, and how amounts, addresses and times are
//! written.
//!
//! This room knows no money: it writes down what it is handed, and no rule is decided here. Pages are complete without
//! the script; the script only improves them, with the same addresses and the same forms.

pub mod address;
pub mod amount;
pub mod assets;
pub mod colour;
pub mod copy;
pub mod document;
pub mod headers;
pub mod html;
pub mod link;
pub mod mark;
pub mod problem;
pub mod public_url;
pub mod qr;
pub mod text;
pub mod theme;
pub mod time;

pub use assets::assets;
pub use html::Html;
pub use public_url::PublicUrl;
