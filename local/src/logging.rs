//! Logs go to stderr; stdout carries nothing but the line that says the program is ready.

use std::io::IsTerminal;
use std::{env, io};

use tracing_subscriber::EnvFilter;

/// What is logged unless `LOG` or `RUST_LOG` says otherwise: our crates' doings and everybody else's troubles.
///
/// The engine answers a failed condition, which is an ordinary answer, with a warning of its own.
const DEFAULT: &str = "warn,instance_webhooks=info,webhooks=info,dynoxide=error";

/// Starts logging. `LOG` goes before `RUST_LOG`; both take the directives of [`EnvFilter`].
pub fn start() {
    let directives = env::var("LOG").or_else(|_| env::var("RUST_LOG")).unwrap_or_else(|_| DEFAULT.to_owned());
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(directives))
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();
}
