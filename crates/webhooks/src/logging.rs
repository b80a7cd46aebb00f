//! The functions' logs: one JSON object a line on stdout, as Lambda's advanced logging reads it.

use std::io;

use tracing_subscriber::EnvFilter;

/// Starts logging, from the level that Lambda sets in `AWS_LAMBDA_LOG_LEVEL` (default `INFO`) on.
///
/// Each line carries `timestamp` and `level` at its top: without a time in RFC 3339, Lambda takes every line for INFO
/// ("Log level filtering", AWS Lambda Developer Guide).
pub fn start() {
    let level = std::env::var("AWS_LAMBDA_LOG_LEVEL").unwrap_or_default();
    let filter = EnvFilter::builder().with_default_directive(tracing::Level::INFO.into()).parse_lossy(level);
    tracing_subscriber::fmt().json().flatten_event(true).with_env_filter(filter).with_writer(io::stdout).init();
}
