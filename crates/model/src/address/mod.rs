//! What may be called: networks, the ranges that are refused, and the guard that judges by them. Pure.
//!
//! docs/adr/0008 tells why and when this is asked.

mod guard;
mod network;
mod ports;
mod range;
mod registry;

pub use guard::{Guard, Refused};
pub use network::{InvalidNetwork, Network, Networks};
pub use ports::{InvalidPorts, Ports};
pub use range::{Range, refusal};
