//! Instance Webhooks on one machine.
//!
//! The deployed stack's functions, its API and its tables in one process, which [`run`] starts.

mod cli;
mod console;
mod data;
mod descriptors;
mod engine;
mod follow;
mod function;
mod lifecycle;
mod listen;
pub mod logging;
mod program;
mod serve;
mod sign_in;
mod start;
mod tables;
mod template;
mod this_machine;
mod try_it;
mod wake_ups;

pub use cli::Arguments;
pub use program::run;
