//! Logs go to stderr; stdout carries nothing but the line that says the program is ready.

use std::io::IsTerminal;
use std::{env, io};

use webhooks_runtime::logging::{self, EscapedFields, ThirdParty};

/// Starts logging. `LOG` goes before `RUST_LOG`; both take a level, for this program's own lines, or the directives of
/// `tracing_subscriber::EnvFilter`.
pub fn start() {
    let wanted = env::var("LOG").or_else(|_| env::var("RUST_LOG")).unwrap_or_default();
    tracing_subscriber::fmt()
        // The engine answers a failed condition, which is an ordinary answer, with a warning of its own.
        .with_env_filter(logging::filter(&wanted, ThirdParty { level: "warn", but: ",dynoxide=error" }))
        .fmt_fields(EscapedFields::default())
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();
}
