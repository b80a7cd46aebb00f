//! Logs go to stderr; stdout has only the line that reports the program as ready.

use std::io::IsTerminal;
use std::{env, io};

use tracing_subscriber::filter::LevelFilter;
use webhooks_logging::{EscapedFields, ThirdParty};

/// Starts logging. `LOG` takes precedence over `RUST_LOG`; both take a level, for this program's own lines, or the
/// directives of `tracing_subscriber::filter::Targets`.
pub fn start() {
    let wanted = env::var("LOG").or_else(|_| env::var("RUST_LOG")).unwrap_or_default();
    let log = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .fmt_fields(EscapedFields::default())
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal());
    // The engine logs a warning of its own for a failed condition, which is an ordinary result.
    webhooks_logging::filter(&wanted, ThirdParty { level: "warn", but: ",dynoxide=error" }).start(log.finish());
}
