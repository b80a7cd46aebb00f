//! What may be called: networks, the ranges that are refused, and the policy that judges by them. Pure.
//!
//! docs/adr/0008 tells why and when this is asked.

mod network;
mod policy;
mod ports;
mod range;
mod registry;

pub use network::{InvalidNetwork, Network, Networks};
pub use policy::{NotAllowed, OutboundPolicy};
pub use ports::{InvalidPorts, Ports};
pub use range::{Range, refusal};
