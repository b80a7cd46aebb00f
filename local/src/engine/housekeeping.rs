//! The work behind the tables of the embedded engine.

use super::{stream_records::StreamRecords, write_ahead_log::WriteAheadLog};
use dynoxide::Database;
use jiff::Timestamp;
use std::{path::PathBuf, time::Duration};
use tokio::{
    sync::watch,
    task::spawn_blocking,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

/// Interval between two sweeps for expired items. DynamoDB deletes them within days; here a user may be watching.
const SWEEP_EVERY: Duration = Duration::from_secs(2);
/// Bound on the share of time that sweeps take: at most one part in this number. A sweep reads every item of the tables
/// that have a TTL, and deliveries of that time are late by as long: a thousandth of them does not change their p99.
const SWEEP_SHARE: u32 = 1_000;

const TRIM_EVERY: Duration = Duration::from_secs(5);
/// Time that a consumed stream record is kept for dry runs and for other readers of the stream, as in DynamoDB.
const CONSUMED_STAYS: Duration = Duration::from_secs(24 * 3_600);

/// Number of consumed records that are kept at most: at thousands of writes a second, minutes of them would fill a
/// disk.
const CONSUMED_AT_MOST: u32 = 100_000;

/// Intervals between two looks at the write-ahead log: while there are writes, in which some 250 of its 1,000 pages come, and the longest
/// without any.
const MOVE_EVERY: Duration = Duration::from_millis(20);
const MOVE_AT_LEAST_EVERY: Duration = Duration::from_millis(500);

/// Source of the consumed positions: for some tables, the sequence number up to which every stream record is consumed.
pub(crate) type Consumed = Box<dyn Fn() -> Vec<(String, String)> + Send + Sync>;

/// The work behind the tables: deletes expired items, trims old stream records, and moves the write-ahead log into the file.
pub(crate) struct Housekeeping {
    pub(super) database: Database,
    pub(super) file: PathBuf,
    /// Signal that items have expired.
    pub(super) writes: watch::Sender<()>,
    pub(super) consumed: Consumed,
    /// Whether data outlasts the program.
    pub(super) is_kept: bool,
}

impl Housekeeping {
    /// Runs until `stop`.
    pub(crate) async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let records = StreamRecords::open(&self.file)?;
        let log = (!self.is_kept).then(|| WriteAheadLog::open(&self.file)).transpose()?;
        tokio::try_join!(
            expire_items(self.database, self.writes, &stop),
            trim_stream(records, self.consumed, &stop),
            move_log(log, &stop),
        )?;
        Ok(())
    }
}

/// Deletes items whose time to live has passed; each deletion is a stream record that names the service as its author.
async fn expire_items(database: Database, writes: watch::Sender<()>, stop: &CancellationToken) -> anyhow::Result<()> {
    let mut pause = SWEEP_EVERY;
    while stop.run_until_cancelled(sleep(pause)).await.is_some() {
        let started = Instant::now();
        let database = database.clone();
        match spawn_blocking(move || database.sweep_ttl()).await? {
            Ok(0) => {}
            Ok(deleted) => {
                writes.send_replace(());
                tracing::info!(deleted, "items expired");
            }
            Err(error) => tracing::error!(%error, "expired items could not be deleted; the next sweep tries again"),
        }
        pause = SWEEP_EVERY.max(started.elapsed() * SWEEP_SHARE);
    }
    Ok(())
}

/// Moves the write-ahead log into the file, where data need not outlast the program.
async fn move_log(log: Option<WriteAheadLog>, stop: &CancellationToken) -> anyhow::Result<()> {
    let Some(mut log) = log else { return Ok(()) };
    let mut pause = MOVE_EVERY;
    while stop.run_until_cancelled(sleep(pause)).await.is_some() {
        let moved;
        (log, moved) = spawn_blocking(move || {
            let moved = log.move_into_file();
            (log, moved)
        })
        .await?;
        pause = match moved {
            Ok(true) => MOVE_EVERY,
            Ok(false) => MOVE_AT_LEAST_EVERY.min(pause * 2),
            Err(error) => {
                tracing::warn!(%error, "the write-ahead log stays as it is; it is looked at again");
                MOVE_AT_LEAST_EVERY
            }
        };
    }
    Ok(())
}

async fn trim_stream(mut records: StreamRecords, consumed: Consumed, stop: &CancellationToken) -> anyhow::Result<()> {
    while stop.run_until_cancelled(sleep(TRIM_EVERY)).await.is_some() {
        let before = (Timestamp::now() - CONSUMED_STAYS).as_second();
        let positions = consumed();
        records = spawn_blocking(move || {
            trim_tables(&records, &positions, before);
            records
        })
        .await?;
    }
    Ok(())
}

/// Removes old stream records of these tables. Those that it cannot remove stay until the next time: under load the
/// engine's own writes may lock the file for seconds.
pub(super) fn trim_tables(records: &StreamRecords, consumed: &[(String, String)], before: i64) {
    for (table, sequence_number) in consumed {
        if let Err(error) = trim_table(records, table, sequence_number, before) {
            tracing::warn!(table, %error, "consumed stream records could not be removed; they will be later");
        }
    }
}

fn trim_table(records: &StreamRecords, table: &str, consumed: &str, before: i64) -> rusqlite::Result<()> {
    while records.trim(table, consumed, before, CONSUMED_AT_MOST)? > 0 {}
    Ok(())
}
