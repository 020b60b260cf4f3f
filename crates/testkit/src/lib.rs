//! For tests only: a gateway, a clock moved by hand, a merchant that can be rude.

pub mod anvil;
pub mod audit;
pub mod bitcoin;
pub mod browser;
pub mod cable;
pub mod clock;
pub mod commands;
pub mod creation;
pub mod gateway;
pub mod keyed;
pub mod lookalike;
pub mod merchant;
pub mod overpaid;
pub mod plain;
pub mod postgres;
pub mod process;
pub mod recorded;
pub mod scene;
pub mod smtp;
pub mod until;
