//! The DynamoDB engine: the embedded one, or another that the user named.

mod embedded;
mod endpoint;
mod front;
mod housekeeping;
mod stream_records;
mod turns;
mod write_ahead_log;

pub(crate) use embedded::Embedded;
pub(crate) use endpoint::{external, loopback, own};
