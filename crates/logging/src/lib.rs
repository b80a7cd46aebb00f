#![doc = include_str!("../README.md")]

mod escape;

use std::io;

pub use escape::{EscapedFields, EscapedLines};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::{ParseError, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

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

/// Which lines are logged.
#[derive(Debug)]
pub struct Filter {
    targets: Targets,
    /// Error in the directives; the default is used instead of them.
    ignored: Option<ParseError>,
}

/// Starts a function's log, with the level that Lambda sets in `AWS_LAMBDA_LOG_LEVEL` (default `INFO`).
///
/// Each line has `timestamp` and `level` at its top level: without a time in RFC 3339, Lambda treats every line as INFO
/// ("Log level filtering", AWS Lambda Developer Guide).
pub fn start() {
    let level = std::env::var("AWS_LAMBDA_LOG_LEVEL").unwrap_or_default();
    let stdout = || EscapedLines(io::stdout());
    let log = tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).json().flatten_event(true);
    filter(&level, ThirdParty { level: "info", but: "" }).start(log.with_writer(stdout).finish());
}

/// Returns a filter with our own lines from the level `wanted` (`info` if empty), and other crates' as given.
///
/// Any other text is used as directives of [`Targets`], without a restriction for other crates.
pub fn filter(wanted: &str, others: ThirdParty) -> Filter {
    match directives(wanted, others).parse() {
        Ok(targets) => Filter { targets, ignored: None },
        Err(error) => Filter { ignored: Some(error), ..filter("", others) },
    }
}

impl Filter {
    /// Starts `log`, restricted to these lines.
    pub fn start<S>(self, log: S)
    where
        S: tracing::Subscriber + for<'span> tracing_subscriber::registry::LookupSpan<'span> + Send + Sync,
    {
        log.with(self.targets).init();
        if let Some(error) = self.ignored {
            tracing::warn!(%error, "the log's level is neither a level nor directives such as info,aws_smithy_runtime=trace; info is used");
        }
    }
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
    fn what_is_no_directive_is_replaced_by_the_default_and_reported() {
        let of = |wanted| filter(wanted, ThirdParty { level: "warn", but: "" });
        assert!(of("hyper=debug").ignored.is_none() && of("warn").ignored.is_none());
        assert!(of("hyper=debug").targets.would_enable("hyper::client", &tracing::Level::DEBUG));
        let wrong = of("hyper=loud");
        assert!(wrong.ignored.is_some());
        assert!(wrong.targets.would_enable("webhooks_engine::fanout", &tracing::Level::INFO));
        assert!(!wrong.targets.would_enable("hyper", &tracing::Level::INFO));
    }

    #[test]
    fn a_level_is_for_our_own_lines_alone() {
        let lambda = ThirdParty { level: "info", but: "" };
        insta::assert_snapshot!(directives("TRACE", lambda), @"info,webhooks=trace,instance_webhooks=trace,event_source_mapping=trace,api=trace,console=trace,fanout=trace,retry=trace");
        insta::assert_snapshot!(directives("", ThirdParty { level: "warn", but: ",dynoxide=error" }), @"warn,dynoxide=error,webhooks=info,instance_webhooks=info,event_source_mapping=info,api=info,console=info,fanout=info,retry=info");
        insta::assert_snapshot!(directives("hyper=debug", lambda), @"hyper=debug");
    }
}
