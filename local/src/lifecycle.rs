//! The end of the program: on a signal, or because a part of it has failed.

use anyhow::{Context as _, anyhow};
use std::{future::pending, process};
use tokio::{
    signal::unix::{SignalKind, signal},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

/// Exit code that a shell reports for a program ended by Ctrl-C.
const INTERRUPTED: i32 = 130;

/// Returns a token that the first Ctrl-C or SIGTERM cancels. The second ends the process at once.
pub(crate) fn stop_on_signals() -> anyhow::Result<CancellationToken> {
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for Ctrl-C")?;
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let stop = CancellationToken::new();
    let first = stop.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if first.is_cancelled() {
                process::exit(INTERRUPTED);
            }
            tracing::info!("stopping: finishing what is in flight; once more ends it at once");
            first.cancel();
        }
    });
    Ok(stop)
}

/// Parts of the program that run until `stop`.
#[derive(Default)]
pub(crate) struct Parts(JoinSet<(&'static str, anyhow::Result<()>)>);

impl Parts {
    /// Starts a part. `name` completes the sentence "… has failed".
    pub(crate) fn start(
        &mut self,
        name: &'static str,
        part: impl Future<Output = anyhow::Result<()>> + Send + 'static,
    ) {
        self.0.spawn(async move { (name, part.await) });
    }

    /// Waits for a part to end, which none should do by itself; returns the error of that.
    pub(crate) async fn failure(&mut self) -> anyhow::Error {
        match self.0.join_next().await {
            Some(Ok((name, Ok(())))) => anyhow!("{name} has ended unexpectedly"),
            Some(Ok((name, Err(error)))) => error.context(format!("{name} has failed")),
            Some(Err(error)) => anyhow!("a part of the program broke off: {error}"),
            None => pending().await,
        }
    }

    /// Waits for all parts to end after `stop`; returns the first error.
    pub(crate) async fn finish(mut self) -> anyhow::Result<()> {
        let mut result = Ok(());
        while let Some(part) = self.0.join_next().await {
            let ended = match part {
                Ok((name, ended)) => ended.with_context(|| format!("{name} has failed")),
                Err(error) => Err(anyhow!("a part of the program broke off: {error}")),
            };
            result = result.and(ended);
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::Parts;
    use anyhow::anyhow;
    use std::future::ready;

    #[tokio::test]
    async fn a_part_that_fails_is_named() {
        let mut parts = Parts::default();
        parts.start("the reader", ready(Err(anyhow!("no power"))));
        assert_eq!(format!("{:#}", parts.failure().await), "the reader has failed: no power");
    }

    #[tokio::test]
    async fn a_part_that_just_ends_is_a_failure_as_well() {
        let mut parts = Parts::default();
        parts.start("the API", ready(Ok(())));
        assert_eq!(parts.failure().await.to_string(), "the API has ended unexpectedly");
    }

    #[tokio::test]
    async fn a_part_that_panics_is_a_failure_as_well() {
        let mut parts = Parts::default();
        parts.start("the API", async { panic!("on purpose") });
        assert!(parts.failure().await.to_string().contains("on purpose"));
    }

    #[tokio::test]
    async fn ending_when_told_to_is_none() {
        let mut parts = Parts::default();
        parts.start("the API", ready(Ok(())));
        assert!(parts.finish().await.is_ok());
    }
}
