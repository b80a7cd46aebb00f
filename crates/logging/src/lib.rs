#![doc = include_str!("../README.md")]

mod escape;

use std::io;

pub use escape::{EscapedFields, EscapedLines};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

/// Crates to whose lines the level applies. An entry covers every crate whose name begins with it.
const OWN_CRATES: [&str; 7] =
    ["webhooks", "instance_webhooks", "event_source_mapping", "api", "console", "fanout", "retry"];

/// Log level of other crates.
#[derive(Clone, Copy, Debug)]
pub struct ThirdParty {
    /// Default level; at most `info`.
    pub level: &'static str,
    /// Directives for some crates, each after a comma.
    pub but: &'static str,
}

/// Starts a function's log, with the level that Lambda sets in `AWS_LAMBDA_LOG_LEVEL` (default `INFO`).
///
/// Each line has `timestamp` and `level` at its top level: without a time in RFC 3339, Lambda treats every line as INFO
/// ("Log level filtering", AWS Lambda Developer Guide).
pub fn start() {
    let level = std::env::var("AWS_LAMBDA_LOG_LEVEL").unwrap_or_default();
    let filter = filter(&level, ThirdParty { level: "info", but: "" });
    let stdout = || EscapedLines(io::stdout());
    tracing_subscriber::fmt().json().flatten_event(true).with_env_filter(filter).with_writer(stdout).init();
}

/// Returns a filter with our own lines from the level `wanted` (`info` if empty), and other crates' as given.
///
/// Any other text is used as directives of [`EnvFilter`], without a restriction for other crates.
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
        insta::assert_snapshot!(directives("TRACE", lambda), @"info,webhooks=trace,instance_webhooks=trace,event_source_mapping=trace,api=trace,console=trace,fanout=trace,retry=trace");
        insta::assert_snapshot!(directives("", ThirdParty { level: "warn", but: ",dynoxide=error" }), @"warn,dynoxide=error,webhooks=info,instance_webhooks=info,event_source_mapping=info,api=info,console=info,fanout=info,retry=info");
        insta::assert_snapshot!(directives("hyper=debug", lambda), @"hyper=debug");
    }
}
