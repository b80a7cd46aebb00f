//! DynamoDB in this process: dynoxide on a file of the data folder, served over HTTP like any other engine.

use super::{
    front::{Front, hidden_listener},
    housekeeping::{Consumed, Housekeeping},
    stream_records::StreamRecords,
};
use crate::{
    data::DataFolder,
    listen,
    serve::{Places, serve},
};
use anyhow::{Context as _, anyhow};
use dynoxide::{Database, server};
use std::{path::PathBuf, sync::Arc, thread};
use tokio::{
    net::TcpListener,
    runtime::Builder,
    sync::{oneshot, watch},
};
use tokio_util::sync::CancellationToken;
use url::Url;

const FILE: &str = "dynamodb.sqlite3";

/// Number of threads that serve the engine: while one is in the database, the other reads a request or writes a response.
const THREADS: usize = 2;

/// The embedded engine, open and listening.
///
/// The program does not use the engine's own memory mode, even if no data is to be kept: a database in memory has no
/// second connection, and without one its stream can be neither indexed nor trimmed (see [`super::stream_records`]).
pub(crate) struct Embedded {
    database: Database,
    file: PathBuf,
    listener: TcpListener,
    url: Url,
    /// Listener of the engine's own server, behind the [`Front`].
    server: TcpListener,
    server_url: Url,
    writes: watch::Sender<()>,
    /// Whether data outlasts the program.
    is_kept: bool,
}

impl Embedded {
    /// Binds the port and opens the file, created if it is missing.
    pub(crate) async fn open(folder: &DataFolder, port: u16) -> anyhow::Result<Self> {
        let listener = listen::on_loopback(port, "DynamoDB", "--dynamodb-port").await?;
        let url = Url::parse(&format!("http://{}", listener.local_addr()?))?;
        let server = hidden_listener().await.context("the embedded DynamoDB has no address to listen on")?;
        let server_url = Url::parse(&format!("http://{}", server.local_addr()?))?;
        let file = folder.file(FILE);
        let path = file.to_str().with_context(|| format!("{} is not valid Unicode", file.display()))?;
        let advice = || format!("cannot open the embedded DynamoDB at {path}: move the file away to start afresh");
        let database = Database::new(path).with_context(advice)?;
        if !folder.is_kept() {
            // Despite its name this sets `synchronous` to NORMAL: a write does not wait for the disk.
            database.disable_bulk_loading().with_context(advice)?;
        }
        StreamRecords::open(&file).with_context(advice)?;
        let (writes, is_kept) = (watch::Sender::new(()), folder.is_kept());
        Ok(Self { database, file, listener, url, server, server_url, writes, is_kept })
    }

    /// Returns the URL at which the engine serves other programs.
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// Returns the URL at which the engine serves this program alone, without the rules for other callers.
    pub(crate) fn own_url(&self) -> &Url {
        &self.server_url
    }

    /// Returns the engine's housekeeping, apart from [`Self::serve`] so that requests are served until the end.
    pub(crate) fn housekeeping(&self, consumed: Consumed) -> Housekeeping {
        let (database, file, writes) = (self.database.clone(), self.file.clone(), self.writes.clone());
        Housekeeping { database, file, writes, consumed, is_kept: self.is_kept }
    }

    /// Returns a receiver that changes after each write of another program, and when items expire.
    pub(crate) fn writes(&self) -> watch::Receiver<()> {
        self.writes.subscribe()
    }

    /// Serves requests until `stop`, then finishes those in progress.
    pub(crate) async fn serve(self, places: Arc<Places>, stop: CancellationToken) -> anyhow::Result<()> {
        let stop_server = CancellationToken::new();
        let front = Front::router(self.server.local_addr()?, self.writes);
        let (listener, stop_server_later) = (self.listener, stop_server.clone().drop_guard());
        let answering = async {
            serve(listener, front, places, stop).await;
            drop(stop_server_later);
            Ok(())
        };
        let (server, database) = (self.server.into_std()?, self.database);
        let (report, served) = oneshot::channel();
        thread::Builder::new().name("engine".to_owned()).spawn(move || {
            let _ = report.send(serve_engine(server, database, stop_server)); // unless `serve` was dropped
        })?;
        let server = async {
            served.await.context("the thread of the embedded DynamoDB ended")?.context("the embedded DynamoDB stopped")
        };
        tokio::try_join!(server, answering)?;
        Ok(())
    }
}

/// Serves the engine until `stop`, on threads of its own: each request occupies one until the database is done with it and
/// with those before it, and nothing else of the program is to wait for that.
fn serve_engine(listener: std::net::TcpListener, database: Database, stop: CancellationToken) -> anyhow::Result<()> {
    let threads = Builder::new_multi_thread().worker_threads(THREADS).thread_name("engine").enable_all().build()?;
    threads.block_on(async {
        let listener = TcpListener::from_std(listener)?;
        let served = server::serve_with_shutdown(listener, database, stop.cancelled_owned()).await;
        served.map_err(|error| anyhow!(error))
    })
}

#[cfg(test)]
use webhooks_test_support::patience;

#[cfg(test)]
mod tests {
    use super::{Embedded, FILE, StreamRecords, patience::PATIENCE};
    use crate::{
        data::DataFolder,
        engine::{housekeeping::trim_tables, loopback, own},
        serve::Places,
        tables,
        template::Template,
    };
    use aws_sdk_dynamodb::{
        Client, Config,
        config::retry::RetryConfig,
        types::{AttributeValue, PutRequest, TimeToLiveSpecification, WriteRequest},
    };
    use event_source_mapping::{Checkpoints, Destination, EventSourceMapping, Invoke, InvokeError, Settings, Stream};
    use serde_json::Value;
    use std::{path::PathBuf, sync::Arc, time::Duration};
    use tokio::{
        sync::{mpsc, watch},
        time::{sleep, timeout},
    };
    use tokio_util::sync::{CancellationToken, DropGuard};

    /// A function that forwards each record it receives.
    struct Function(mpsc::UnboundedSender<Value>);

    impl Invoke for Function {
        async fn invoke(&self, event: String) -> Result<String, InvokeError> {
            let event: Value = serde_json::from_str(&event).unwrap();
            event["Records"].as_array().unwrap().iter().for_each(|record| self.0.send(record.clone()).unwrap());
            Ok("{}".to_owned())
        }
    }

    /// The engine with its tables, and a mapping that follows the instance table.
    struct Followed {
        client: Client,
        /// The program's own client.
        own: Client,
        records: mpsc::UnboundedReceiver<Value>,
        /// Signal that wakes the mapping.
        writes: watch::Receiver<()>,
        file: PathBuf,
        _stop: DropGuard,
        _folder: DataFolder,
    }

    impl Followed {
        async fn start() -> Self {
            let folder = DataFolder::temporary().unwrap();
            let engine = Embedded::open(&folder, 0).await.unwrap();
            let (url, writes, stop) = (engine.url().clone(), engine.writes(), CancellationToken::new());
            let own = webhooks_runtime::aws::dynamodb(&own(engine.own_url()).await);
            tokio::spawn(engine.housekeeping(Box::new(Vec::new)).run(stop.clone()));
            tokio::spawn(engine.serve(Places::new(64), stop.clone()));
            let config = loopback(&url).await;
            let client = webhooks_runtime::aws::dynamodb(&config);
            tables::prepare(&client, url.as_str(), &Template::deployed().unwrap()).await.unwrap();
            let arn = tables::stream(&client, "Instances").await.unwrap().unwrap();
            let (send, records) = mpsc::unbounded_channel();
            let mapping = EventSourceMapping::new(
                Stream::new(&config, arn).woken_by(writes.clone()),
                Function(send),
                Settings::default(),
                Arc::new(Checkpoints::in_memory()),
                Destination::new(folder.file("failures")),
            );
            tokio::spawn(mapping.unwrap().run(stop.clone()));
            Self { client, own, records, writes, file: folder.file(FILE), _stop: stop.drop_guard(), _folder: folder }
        }

        async fn put(&self, key: &str, expires_at: i64) {
            let put = self.client.put_item().table_name("Instances");
            let put = put.item("instanceID", AttributeValue::S(key.to_owned()));
            put.item("expiresAt", AttributeValue::N(expires_at.to_string())).send().await.unwrap();
        }

        async fn next(&mut self) -> Value {
            timeout(PATIENCE, self.records.recv()).await.expect("a record").unwrap()
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_item_whose_time_to_live_is_over_is_deleted_by_the_service() {
        let mut followed = Followed::start().await;
        let expire = TimeToLiveSpecification::builder().attribute_name("expiresAt").enabled(true).build().unwrap();
        let update = followed.client.update_time_to_live().table_name("Instances").time_to_live_specification(expire);
        update.send().await.unwrap();
        followed.put("old", 1).await;
        assert_eq!(followed.next().await["eventName"], "INSERT");
        followed.writes.mark_unchanged();
        timeout(PATIENCE, followed.writes.changed()).await.expect("word of the deletion").unwrap();
        let removed = followed.next().await;
        assert_eq!(removed["eventName"], "REMOVE");
        assert_eq!(removed["dynamodb"]["OldImage"]["instanceID"]["S"], "old");
        assert_eq!(removed["userIdentity"]["type"], "Service");
        assert_eq!(removed["userIdentity"]["principalId"], "dynamodb.amazonaws.com");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn records_that_cannot_be_removed_now_are_removed_later() {
        let mut followed = Followed::start().await;
        followed.put("a", 1).await;
        followed.put("b", 1).await;
        let number = |record: Value| record["dynamodb"]["SequenceNumber"].as_str().unwrap().to_owned();
        let newest = [followed.next().await, followed.next().await].map(number)[1].clone();
        let consumed = [("Instances".to_owned(), newest)];
        let open = || StreamRecords::open(&followed.file).unwrap();
        let (lock, records) = (open(), open().impatient());
        assert_eq!(records.count(), 2);
        lock.lock();
        trim_tables(&records, &consumed, i64::MAX);
        assert_eq!(records.count(), 2);
        drop(lock);
        trim_tables(&records, &consumed, i64::MAX);
        assert_eq!(records.count(), 1, "the newest one stays");
    }

    /// All on one thread, which must be free to release the lock that the request waits for.
    #[tokio::test]
    async fn while_a_request_waits_for_the_database_the_program_goes_on() {
        let followed = Followed::start().await;
        let lock = StreamRecords::open(&followed.file).unwrap();
        lock.lock();
        let put = followed.client.put_item().table_name("Instances");
        let put = put.item("instanceID", AttributeValue::S("a".to_owned())).customize();
        let once = Config::builder().retry_config(RetryConfig::disabled());
        let put = tokio::spawn(put.config_override(once).send());
        sleep(Duration::from_millis(200)).await;
        assert!(!put.is_finished(), "it waits");
        drop(lock);
        put.await.unwrap().unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_read_does_not_wait_for_all_batches_of_writes_before_it() {
        let followed = Followed::start().await;
        let lock = StreamRecords::open(&followed.file).unwrap();
        lock.lock();
        let (ended, mut ends) = mpsc::unbounded_channel();
        let key = |number: usize| AttributeValue::S(number.to_string());
        for number in 0..8 {
            let put = PutRequest::builder().item("instanceID", key(number)).build().unwrap();
            let put = WriteRequest::builder().put_request(put).build();
            let (write, ended) = (followed.own.batch_write_item().request_items("Instances", vec![put]), ended.clone());
            tokio::spawn(async move {
                write.send().await.unwrap();
                ended.send("write").unwrap();
            });
        }
        sleep(Duration::from_millis(200)).await;
        let get = followed.own.get_item().table_name("Instances").key("instanceID", key(0));
        tokio::spawn(async move {
            get.send().await.unwrap();
            ended.send("read").unwrap();
        });
        sleep(Duration::from_millis(200)).await;
        drop(lock);
        let mut order = Vec::new();
        while let Some(end) = timeout(PATIENCE, ends.recv()).await.expect("an end") {
            order.push(end);
        }
        assert_eq!(order.len(), 9);
        assert!(order[..5].contains(&"read"), "{order:?}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_deletion_by_a_user_names_no_principal() {
        let mut followed = Followed::start().await;
        followed.put("a", 1).await;
        let delete = followed.client.delete_item().table_name("Instances");
        delete.key("instanceID", AttributeValue::S("a".to_owned())).send().await.unwrap();
        followed.next().await;
        assert!(followed.next().await.get("userIdentity").is_none());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_write_that_changes_nothing_is_no_event() {
        let mut followed = Followed::start().await;
        followed.put("a", 1).await;
        followed.put("a", 1).await;
        followed.put("a", 2).await;
        assert_eq!(followed.next().await["eventName"], "INSERT");
        let modified = followed.next().await;
        assert_eq!(modified["dynamodb"]["OldImage"]["expiresAt"]["N"], "1");
        assert_eq!(modified["dynamodb"]["NewImage"]["expiresAt"]["N"], "2");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_only_reads_wakes_no_reader() {
        let mut followed = Followed::start().await;
        followed.put("a", 1).await;
        followed.next().await;
        followed.writes.mark_unchanged();
        let key = AttributeValue::S("a".to_owned());
        followed.client.get_item().table_name("Instances").key("instanceID", key).send().await.unwrap();
        followed.client.scan().table_name("Instances").send().await.unwrap();
        followed.client.describe_table().table_name("Instances").send().await.unwrap();
        assert!(!followed.writes.has_changed().unwrap());
        let put = PutRequest::builder().item("instanceID", AttributeValue::S("b".to_owned())).build().unwrap();
        let put = WriteRequest::builder().put_request(put).build();
        followed.client.batch_write_item().request_items("Instances", vec![put]).send().await.unwrap();
        assert!(followed.writes.has_changed().unwrap());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_write_after_a_long_silence_is_noticed() {
        let mut followed = Followed::start().await;
        followed.put("a", 1).await;
        followed.next().await;
        sleep(Duration::from_millis(2_400)).await;
        followed.writes.mark_unchanged();
        followed.put("b", 1).await;
        timeout(PATIENCE, followed.writes.changed()).await.expect("word of the write").unwrap();
        followed.next().await;
    }
}
