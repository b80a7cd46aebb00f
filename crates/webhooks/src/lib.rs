//! Everything that Instance Webhooks decides and does; the Lambda functions and the local program only wire it up.
//!
//! Data travels one way: [`event`] → [`fanout`] → [`sender`] → [`store`]. What decides (which URL gets what, what an
//! answer means, whether a URL is allowed) is pure and apart from I/O. [`api`] is the one module that knows an HTTP
//! server framework, and nothing below it knows Lambda.

#![cfg_attr(test, expect(clippy::disallowed_methods, reason = "tests ask the machine for time and chance"))]

pub mod access;
pub mod address;
pub mod api;
pub mod audit;
pub mod aws;
pub mod callbacks;
mod cut;
pub mod deadline;
pub mod delivery;
pub mod dispatch;
pub mod endpoint;
pub mod event;
pub mod fanout;
pub mod invariant;
pub mod logging;
pub mod metrics;
pub mod notice;
pub mod request;
pub mod retry;
pub mod sender;
pub mod settings;
pub mod signing;
pub mod statistics;
pub mod store;
mod tls;
pub mod wake_up;
mod whole;
pub mod workspace;
pub mod world;
