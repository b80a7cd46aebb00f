//! The DynamoDB engine: the embedded one, or another that the user named.

mod embedded;
mod endpoint;
mod front;
mod stream_records;
mod watch;

pub(crate) use embedded::Embedded;
pub(crate) use endpoint::{external, loopback};
