//! What tests stand on: a real engine, receivers, and an engine that is cut off.

#![allow(dead_code, reason = "each test binary uses its own part")]

pub(crate) mod cut;
mod dynamodb;
pub(crate) mod engine_room;
#[path = "../../../../tests/support/patience.rs"]
pub(crate) mod patience;
pub(crate) mod receiver;
pub(crate) mod room_api;

#[allow(unused_imports, reason = "each test binary uses its own part")]
pub(crate) use dynamodb::{client, engine, engine_at};

/// As much as a test may read of the log.
pub(crate) fn plenty() -> webhooks::store::Budget {
    let until = tokio::time::Instant::now() + patience::PATIENCE;
    webhooks::store::Budget { queries: usize::MAX, items: usize::MAX, until }
}

/// URLs that must not be called, each behind the type of the problem that it is refused with.
pub(crate) fn refused_urls() -> impl Iterator<Item = &'static str> {
    include_str!("../data/refused-urls.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}
