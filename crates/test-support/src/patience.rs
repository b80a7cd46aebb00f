//! The one place that says how long the tests' own clients and helpers wait. No helper gives up before what it watches.
//!
//! A test's binary includes it by its path: the tests belong to several packages.

#![allow(dead_code, reason = "each test binary uses its own part")]

use std::time::Duration;

use aws_sdk_dynamodb::config::StalledStreamProtectionConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;

/// Time that a test waits for what must happen. It is far longer than a loaded machine needs, and only a test that fails
/// waits that long: a time never decides, a count or an order does.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Timeouts of a test's AWS client. The SDK's own gives up after 3.1 seconds without a connection, and a loaded machine
/// drops the first packets when many connections are opened at once.
pub fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder().connect_timeout(PATIENCE).read_timeout(PATIENCE).build()
}

/// Bounds on an answer that pauses: none. The SDK's own gives up after 20 seconds without a byte.
pub fn stalls() -> StalledStreamProtectionConfig {
    StalledStreamProtectionConfig::disabled()
}
