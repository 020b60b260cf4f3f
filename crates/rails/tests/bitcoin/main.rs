//! The rail against a real Bitcoin node, and against stand-ins for what cannot run here.

#![cfg(test)]

mod answers;
mod blocks;
mod core;
mod esplora;
mod follower;
mod node;
mod reorganised;
mod rig;
mod waiting;
