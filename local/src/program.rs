//! The program: it starts its parts, waits, and stops them in order.

use crate::{
    Arguments,
    data::DataFolder,
    lifecycle::{Parts, stop_on_signals},
    start::Start,
};
use anyhow::Context as _;
use rustix::{fs::Mode, process::umask};
use std::{io::Write as _, time::Duration};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Longest time for the requests of the engine's clients that are in progress when it stops.
const ENGINE_PATIENCE: Duration = Duration::from_secs(5);

/// Runs until Ctrl-C or SIGTERM.
///
/// The API and the mapping stop first and finish their work in progress; the engine, which they need for that, stops
/// last.
///
/// # Errors
/// If the program cannot start, or a part of it fails. The message is one line with the cause, the place and the next
/// step.
pub async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let stop = stop_on_signals()?;
    let stop_engine = CancellationToken::new();
    let mut engine = Parts::default();
    let mut service = Parts::default();

    // Only the owner may read or write the files that the program creates: tables and failed batches hold secrets and
    // tokens in plain text.
    umask(Mode::RWXG | Mode::RWXO);
    // Dropped last, after the last write to it.
    let folder = match arguments.in_memory {
        true => DataFolder::temporary()?,
        false => DataFolder::open(&arguments.data_dir)?,
    };
    let start = Start {
        arguments: &arguments,
        folder: &folder,
        engine: &mut engine,
        service: &mut service,
        stop: &stop,
        stop_engine: &stop_engine,
    };
    let result = match stop.run_until_cancelled(Box::pin(start.all())).await {
        None => Ok(()),
        Some(Err(error)) => Err(error),
        Some(Ok(ready)) => {
            say(&ready)?;
            tokio::select! {
                biased; // told to stop, a part may end at the very same moment
                () = stop.cancelled() => Ok(()),
                error = service.failure() => Err(error),
                error = engine.failure() => Err(error),
            }
        }
    };
    stop.cancel();
    let result = result.and(service.finish().await);
    stop_engine.cancel();
    match timeout(ENGINE_PATIENCE, engine.finish()).await {
        Ok(stopped) => result.and(stopped),
        Err(_) => {
            tracing::warn!("clients of the embedded DynamoDB were cut off");
            result
        }
    }
}

/// Prints the one line on stdout, for the program that started this one and waits for it.
fn say(ready: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{ready}").and_then(|()| stdout.flush()).context("cannot say on stdout that the program is ready")
}
