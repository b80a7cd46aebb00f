//! The time limits of the tests' own clients and helpers, in one place. No helper gives up before the process that it
//! watches.
//!
//! A test's binary includes it by its path: the tests belong to several packages.

#![allow(dead_code, reason = "each test binary uses its own part")]

use std::time::Duration;

use aws_sdk_dynamodb::config::StalledStreamProtectionConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;

/// Maximum time that a test waits for an expected event. It is far longer than a loaded machine needs, and only a
/// failing test waits that long: never a time, but a count or an order decides.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Returns timeouts of a test's AWS client.
///
/// The SDK's own gives up after 3.1 seconds without a connection, and a loaded machine drops the first packets when
/// many connections are opened at once.
pub fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder().connect_timeout(PATIENCE).read_timeout(PATIENCE).build()
}

/// Disables the limit on stalled responses. The SDK's own gives up after 20 seconds without a byte.
pub fn stalls() -> StalledStreamProtectionConfig {
    StalledStreamProtectionConfig::disabled()
}
