//! Who calls the API, and what they may do.

mod caller;

pub use caller::Caller;
