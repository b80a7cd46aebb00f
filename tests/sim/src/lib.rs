#![doc = include_str!("../README.md")]

mod administrator;
mod chance;
mod check;
mod environment;
mod history;
mod mapping;
mod queue;
mod receivers;
mod recorded;
mod run;
pub mod scenario;
mod shrink;
mod store;
mod tables;
mod world;

pub use history::Violation;
pub use run::{Outcome, run};
pub use scenario::Scenario;
pub use shrink::{as_test, shrink};
