#![doc = include_str!("../README.md")]
#![cfg_attr(test, expect(clippy::disallowed_methods, reason = "tests ask the machine for time and chance"))]

pub mod dispatch;
pub mod endpoint_events;
pub mod fanout;
pub mod request;
pub mod retry;
pub mod sender;
mod settings;
pub mod wake_up;

pub use settings::SetupError;
