//! Notices writes to the engine's file, so that a reader of the stream need not ask all the time.

use super::stream_records::StreamRecords;
use std::{
    thread::sleep,
    time::{Duration, Instant},
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How soon a write is noticed that follows another one within [`ALERT`].
const LOOK_OFTEN: Duration = Duration::from_millis(2);
/// How soon any other is. A look takes some microseconds, and a sleeping program should take none to speak of.
const LOOK: Duration = Duration::from_millis(10);
const ALERT: Duration = Duration::from_secs(2);

/// Tells `writes` that something was written, to whatever table; blocks until `stop`.
pub(super) fn watch(
    records: &StreamRecords,
    writes: &watch::Sender<()>,
    stop: &CancellationToken,
) -> rusqlite::Result<()> {
    let mut seen = None;
    let mut last_write = Instant::now();
    while !stop.is_cancelled() {
        let version = Some(records.version()?);
        if version != seen {
            seen = version;
            last_write = Instant::now();
            writes.send_replace(());
        }
        sleep(if last_write.elapsed() < ALERT { LOOK_OFTEN } else { LOOK });
    }
    Ok(())
}
