#![doc = include_str!("../README.md")]
#![allow(missing_docs, reason = "read by those who write tests, beside what it helps to test")]
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods, reason = "it is a part of tests")]

pub mod clock;
mod dynamodb;
pub mod fault_proxy;
pub mod harness;
pub mod harness_api;
pub mod hostile;
pub mod issuer;
pub mod name_server;
pub mod patience;
pub mod receiver;
pub mod runtime_api;
pub mod sockets;
pub mod tls;

pub use dynamodb::{client, engine, engine_at, instance_stream};

/// Returns a read budget that no test exhausts.
pub fn plenty() -> webhooks_store::Budget {
    let until = tokio::time::Instant::now() + patience::PATIENCE;
    webhooks_store::Budget { queries: usize::MAX, items: usize::MAX, until }
}

/// Returns URLs that must not be called, each with the type of its problem.
pub fn refused_urls() -> impl Iterator<Item = &'static str> {
    include_str!("../data/refused-urls.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}
