//! The rail against a real Ethereum node, and against nodes that are worse than that one.

#![cfg(test)]

mod amended;
mod answers;
mod chain;
mod follower;
mod following;
mod nodes;
mod reorganised;
mod searched;
mod transfers;
