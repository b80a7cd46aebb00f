//! Watches the engine's file for stream records, so that a reader of the stream need not poll all the time.

use super::stream_records::StreamRecords;
use std::{
    thread::sleep,
    time::{Duration, Instant},
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Shortest interval between two looks, used while there are writes. A look takes a tenth of a millisecond, most of it
/// to wake up.
const SOONEST: Duration = Duration::from_millis(2);
/// Longest interval, reached after a long time without writes: an idle program uses almost no CPU time.
const LATEST: Duration = Duration::from_millis(50);

/// Signals `writes` after each write to a table with a stream; blocks until `stop`.
pub(super) fn watch(
    records: &StreamRecords,
    writes: &watch::Sender<()>,
    stop: &CancellationToken,
) -> rusqlite::Result<()> {
    let (mut seen, mut newest) = (None, None);
    let mut last_write = Instant::now();
    while !stop.is_cancelled() {
        let version = Some(records.version()?);
        if version != seen {
            seen = version;
            last_write = Instant::now();
            let before = std::mem::replace(&mut newest, records.newest()?);
            if newest != before {
                writes.send_replace(());
            }
        }
        sleep((last_write.elapsed() / 200).clamp(SOONEST, LATEST));
    }
    Ok(())
}
