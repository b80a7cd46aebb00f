//! Wakes endpoints with pending deliveries, as queue and schedule of the deployed stack do.
//!
//! The Webhooks table has the endpoints to wake and their times, so that the end of the process loses none: the sweep
//! finds the wake-ups that this timer no longer has.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::{
    runtime::Handle,
    sync::{Semaphore, mpsc},
    task::{JoinSet, spawn_blocking},
    time::{Instant, MissedTickBehavior, interval, sleep},
};
use tokio_util::sync::CancellationToken;
use webhooks_engine::{retry::Retry, wake_up::WakeUp};

/// Interval between two sweeps for due endpoints.
const SWEEP_EVERY: Duration = Duration::from_secs(5);

/// Number of backlogs that are drained at a time. A drain of a slow endpoint stays awake.
const DRAINS: usize = 256;

/// A wake-up and its delay.
pub(crate) type Delayed = (WakeUp, Duration);

/// The timer.
pub(crate) struct Timer {
    pub(crate) retry: Arc<Retry>,
    /// Time slice of a drain, not counting the timeout of its last attempt. After it the drain hands over to the next one.
    pub(crate) slice: Duration,
    pub(crate) wake_ups: mpsc::UnboundedReceiver<Delayed>,
}

impl Timer {
    /// Wakes endpoints until `stop`, then completes the attempts in flight and ends the drains.
    pub(crate) async fn run(mut self, stop: CancellationToken) -> anyhow::Result<()> {
        let drains = Arc::new(Semaphore::new(DRAINS));
        let mut running = JoinSet::new();
        let mut sweep = interval(SWEEP_EVERY);
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(ended) = running.join_next() => ended?,
                Some((wake_up, delay)) = self.wake_ups.recv() => {
                    let due = wait_for(delay, Arc::clone(&drains), stop.clone());
                    let (retry, slice) = (Arc::clone(&self.retry), self.slice);
                    running.spawn(async move {
                        if let Some(_permit) = due.await {
                            wake(retry, wake_up, slice).await;
                        }
                    });
                }
                _ = sweep.tick() => {
                    let retry = Arc::clone(&self.retry);
                    let runtime = Handle::current();
                    let swept = spawn_blocking(move || runtime.block_on(retry.sweep(Timestamp::now()))).await?;
                    if let Err(error) = swept {
                        tracing::warn!(%error, "what is due could not be looked for");
                    }
                }
            }
        }
        self.retry.sender.close();
        while let Some(ended) = running.join_next().await {
            ended?;
        }
        Ok(())
    }
}

/// Waits until a wake-up is due and a drain may begin; `None` when the program stops before that.
async fn wait_for(
    delay: Duration,
    drains: Arc<Semaphore>,
    stop: CancellationToken,
) -> Option<tokio::sync::OwnedSemaphorePermit> {
    stop.run_until_cancelled(sleep(delay)).await?;
    stop.run_until_cancelled(drains.acquire_owned()).await?.ok()
}

/// Runs on its own thread, as in a Lambda environment: the library's futures need not be `Send`.
async fn wake(retry: Arc<Retry>, wake_up: WakeUp, slice: Duration) {
    let runtime = Handle::current();
    let deadline = Instant::now() + retry.sender.timeout() + slice;
    let woken = {
        let wake_up = wake_up.clone();
        spawn_blocking(move || runtime.block_on(retry.wake(&wake_up, deadline))).await
    };
    match woken {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            tracing::error!(endpoint_id = %wake_up.endpoint, %error, "a backlog is left to the next sweep")
        }
        Err(error) => tracing::error!(endpoint_id = %wake_up.endpoint, %error, "a drain broke off"),
    }
}
