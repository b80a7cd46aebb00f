#![doc = include_str!("../README.md")]
#![cfg_attr(test, expect(clippy::disallowed_methods, reason = "tests ask the machine for time and chance"))]

pub mod aws;
pub mod deadline;
pub mod env;
pub mod invariant;
pub mod machine;
pub mod metrics;
pub mod tls;
