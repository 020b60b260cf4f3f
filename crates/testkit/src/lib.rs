//! For tests only: a gateway, a clock moved by hand, a merchant that can be rude.

pub mod anvil;
pub mod audit;
pub mod browser;
pub mod cable;
pub mod clock;
pub mod gateway;
pub mod merchant;
pub mod plain;
pub mod postgres;
pub mod process;
pub mod scene;
pub mod smtp;
