//! EndpointEvents writes to the engine's file, so that a reader of the stream need not ask all the time.

use super::stream_records::StreamRecords;
use std::{
    thread::sleep,
    time::{Duration, Instant},
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How soon a write is noticed while there are others. A look takes a tenth of a millisecond, most of it to wake up.
const SOONEST: Duration = Duration::from_millis(2);
/// How soon one is after a long silence: a sleeping program should cost nothing to speak of.
const LATEST: Duration = Duration::from_millis(25);

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
        sleep((last_write.elapsed() / 200).clamp(SOONEST, LATEST));
    }
    Ok(())
}
