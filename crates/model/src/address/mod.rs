//! The outbound policy: networks, the forbidden ranges, and the check of schemes, ports and addresses. Pure.
//!
//! docs/adr/0008 explains when it is checked, and why.

mod network;
mod policy;
mod ports;
mod range;
mod registry;

pub use network::{InvalidNetwork, Network, Networks};
pub use policy::{NotAllowed, OutboundPolicy};
pub use ports::{InvalidPorts, Ports};
pub use range::blocked_range;
pub use registry::Range;
