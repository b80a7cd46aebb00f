//! Logs. The functions write one JSON object a line on stdout, as Lambda's advanced logging reads it.
//!
//! Nothing that is logged shows more of a URL than scheme, host and endpoint id, nor a secret. Other crates do not know
//! that: at their finer levels the SDK logs whole requests, and with them what they carry. So a level is for our own lines.

mod escape;

use std::io;

pub use escape::{EscapedFields, EscapedLines};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

/// The crates whose lines the level is for.
const OWN_CRATES: [&str; 6] = ["webhooks", "instance_webhooks", "api", "console", "fanout", "retry"];

/// What other crates log.
#[derive(Clone, Copy, Debug)]
pub struct ThirdParty {
    /// From which level on; `info` at the finest.
    pub level: &'static str,
    /// Directives for some of them, with a comma before each.
    pub but: &'static str,
}

/// Starts a function's log, from the level that Lambda sets in `AWS_LAMBDA_LOG_LEVEL` (default `INFO`) on.
///
/// Each line carries `timestamp` and `level` at its top: without a time in RFC 3339, Lambda takes every line for INFO
/// ("Log level filtering", AWS Lambda Developer Guide).
pub fn start() {
    let level = std::env::var("AWS_LAMBDA_LOG_LEVEL").unwrap_or_default();
    let filter = filter(&level, ThirdParty { level: "info", but: "" });
    let stdout = || EscapedLines(io::stdout());
    tracing_subscriber::fmt().json().flatten_event(true).with_env_filter(filter).with_writer(stdout).init();
}

/// Our own lines from `wanted` on (a level; `info` if it is empty), and other crates' as given. What is no level is taken
/// for directives of [`EnvFilter`]: who writes those knows what they ask for.
pub fn filter(wanted: &str, others: ThirdParty) -> EnvFilter {
    EnvFilter::new(directives(wanted, others))
}

fn directives(wanted: &str, ThirdParty { level, but }: ThirdParty) -> String {
    let ours = match wanted.parse::<LevelFilter>() {
        _ if wanted.is_empty() => LevelFilter::INFO,
        Ok(level) => level,
        Err(_) => return wanted.to_owned(),
    };
    let ours: String = OWN_CRATES.iter().map(|name| format!(",{name}={ours}")).collect();
    format!("{level}{but}{ours}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_for_our_own_lines_alone() {
        let lambda = ThirdParty { level: "info", but: "" };
        insta::assert_snapshot!(directives("TRACE", lambda), @"info,webhooks=trace,instance_webhooks=trace,api=trace,console=trace,fanout=trace,retry=trace");
        insta::assert_snapshot!(directives("", ThirdParty { level: "warn", but: ",dynoxide=error" }), @"warn,dynoxide=error,webhooks=info,instance_webhooks=info,api=info,console=info,fanout=info,retry=info");
        insta::assert_snapshot!(directives("hyper=debug", lambda), @"hyper=debug");
    }
}
