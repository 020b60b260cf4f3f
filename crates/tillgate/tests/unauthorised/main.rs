//! What outsiders can do, who have no right to: nothing. For every command of the engine it is said by which ways
//! somebody outside could come to it, and each of these ways is tried on the real binary, over TCP and at its socket.
//!
//! A dialect's routes ask for a key of their own; another shop's key opens another shop's things. The checkout opens by
//! a payment's token alone, and does only what its own pages send. The operator's API is on a socket that nobody else
//! may open, and nowhere else. Everything else is for the workers, and has no way in at all.

mod doors;
mod house;
mod keys;
mod open;
mod pages;
mod routes;
mod socket;
mod state;
mod things;
mod ways;
