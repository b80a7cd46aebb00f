//! DynamoDB in this process: dynoxide on a file of the data folder, served over HTTP as any other engine would be.

use super::stream_records::StreamRecords;
use crate::{data::DataFolder, listen};
use anyhow::{Context as _, anyhow};
use dynoxide::{Database, server};
use jiff::Timestamp;
use std::{path::PathBuf, time::Duration};
use tokio::{
    net::TcpListener,
    task::spawn_blocking,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;
use url::Url;

const FILE: &str = "dynamodb.sqlite3";

/// DynamoDB deletes expired items within days; here somebody may be watching.
const SWEEP_EVERY: Duration = Duration::from_secs(2);
/// A sweep reads every item of the tables that have a TTL: of its time, at most one part in this many is spent so.
const SWEEP_SHARE: u32 = 50;

const TRIM_EVERY: Duration = Duration::from_secs(5);
/// How long a consumed stream record stays, for other readers of the stream. DynamoDB keeps all for 24 hours.
const CONSUMED_STAYS: Duration = Duration::from_secs(300);

/// The embedded engine, open and listening.
///
/// Its own memory mode is not used, not even where nothing is to be kept: a database in memory has no second
/// connection, and without one its stream can be neither indexed nor trimmed (see [`super::stream_records`]).
pub(crate) struct Embedded {
    database: Database,
    file: PathBuf,
    listener: TcpListener,
    url: Url,
}

/// Which stream records have done their duty: for some tables, the sequence number up to which they have.
pub(crate) type Consumed = Box<dyn Fn() -> Vec<(String, String)> + Send + Sync>;

impl Embedded {
    /// Takes the port and opens the file, creating it where it is missing.
    pub(crate) async fn open(folder: &DataFolder, port: u16) -> anyhow::Result<Self> {
        let listener = listen::on_loopback(port, "DynamoDB", "--dynamodb-port").await?;
        let url = Url::parse(&format!("http://{}", listener.local_addr()?))?;
        let file = folder.file(FILE);
        let path = file.to_str().with_context(|| format!("{} is not valid Unicode", file.display()))?;
        let advice = || format!("cannot open the embedded DynamoDB at {path}: move the file away to start afresh");
        let database = Database::new(path).with_context(advice)?;
        StreamRecords::open(&file).with_context(advice)?;
        Ok(Self { database, file, listener, url })
    }

    /// Where it answers.
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// The upkeep of the engine, apart from [`Self::serve`] so that requests are answered until the very end.
    pub(crate) fn housekeeping(&self, consumed: Consumed) -> Housekeeping {
        Housekeeping { database: self.database.clone(), file: self.file.clone(), consumed }
    }

    /// Answers requests until `stop`, then finishes those that are running.
    pub(crate) async fn serve(self, stop: CancellationToken) -> anyhow::Result<()> {
        server::serve_with_shutdown(self.listener, self.database, stop.cancelled_owned())
            .await
            .map_err(|error| anyhow!("the embedded DynamoDB stopped: {error}"))
    }
}

/// What AWS does behind a table: expired items go, and so do old stream records.
pub(crate) struct Housekeeping {
    database: Database,
    file: PathBuf,
    consumed: Consumed,
}

impl Housekeeping {
    /// Goes on until `stop`.
    pub(crate) async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let records = StreamRecords::open(&self.file)?;
        tokio::try_join!(expire_items(self.database, &stop), trim_stream(records, self.consumed, &stop))?;
        Ok(())
    }
}

/// Deletes items whose time to live is over; each deletion is a stream record that names the service as its author.
async fn expire_items(database: Database, stop: &CancellationToken) -> anyhow::Result<()> {
    let mut pause = SWEEP_EVERY;
    while stop.run_until_cancelled(sleep(pause)).await.is_some() {
        let started = Instant::now();
        let database = database.clone();
        let deleted = spawn_blocking(move || database.sweep_ttl()).await?.context("expired items cannot be deleted")?;
        if deleted > 0 {
            tracing::info!(deleted, "items expired");
        }
        pause = SWEEP_EVERY.max(started.elapsed() * SWEEP_SHARE);
    }
    Ok(())
}

async fn trim_stream(mut records: StreamRecords, consumed: Consumed, stop: &CancellationToken) -> anyhow::Result<()> {
    while stop.run_until_cancelled(sleep(TRIM_EVERY)).await.is_some() {
        let before = (Timestamp::now() - CONSUMED_STAYS).as_second();
        for (table, sequence_number) in consumed() {
            let trimming = spawn_blocking(move || {
                let trimmed = trim_table(&records, &table, &sequence_number, before);
                trimmed.map(|()| records)
            });
            records = trimming.await?.context("consumed stream records cannot be removed")?;
        }
    }
    Ok(())
}

fn trim_table(records: &StreamRecords, table: &str, consumed: &str, before: i64) -> rusqlite::Result<()> {
    while records.trim(table, consumed, before)? > 0 {}
    Ok(())
}
