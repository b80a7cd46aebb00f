//! The surroundings of the function: a DynamoDB engine with the tables, and a mapping that follows the instance table.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Credentials;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    StreamSpecification, StreamViewType,
};
use dynoxide::{Database, server};
use event_source_mapping::{Checkpoints, Destination, EventSourceMapping, Settings, Stream};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use webhooks_model::audit::Actor;
use webhooks_model::callback_url::CallbackUrl;
use webhooks_model::callbacks::{Callback, Callbacks};
use webhooks_model::endpoint::EndpointId;
use webhooks_model::workspace::WorkspaceId;
use webhooks_store::{CallbacksStore, StoredCallbacks};
use webhooks_test_support::harness;

use crate::lambda::{Call, Lambda};
use crate::patience::{PATIENCE, stalls, timeouts};
use crate::receiver::Receiver;

/// `MaximumRetryAttempts` of the mapping.
pub(crate) const RETRIES: u32 = 2;

/// An engine with the tables, for the lifetime of the test's runtime.
pub(crate) struct Stage {
    endpoint: String,
    config: SdkConfig,
    db: Client,
    dir: TempDir,
}

impl Stage {
    pub(crate) async fn set() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("its address"));
        let database = Database::memory().expect("an engine");
        tokio::spawn(server::serve_with_shutdown(listener, database, std::future::pending()));
        let config = aws_config::defaults(BehaviorVersion::latest())
            .http_client(webhooks_runtime::aws::http_client())
            .timeout_config(timeouts())
            .stalled_stream_protection(stalls())
            .endpoint_url(&endpoint)
            .region(Region::from_static("us-east-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
            .load()
            .await;
        let db = webhooks_runtime::aws::dynamodb(&config);
        let stage = Self { endpoint, config, db, dir: tempfile::tempdir().expect("a temporary directory") };
        stage.create_table("Webhooks").await;
        stage.create_table("Deliveries").await;
        stage.create_instances().await;
        stage
    }

    /// Creates a table with the keys `pk` and `sk`.
    pub(crate) async fn create_table(&self, name: &str) {
        let mut create = self.db.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
        for (attribute, kind) in [("pk", KeyType::Hash), ("sk", KeyType::Range)] {
            create = create.attribute_definitions(text(attribute)).key_schema(key(attribute, kind));
        }
        create.send().await.expect("the table is created");
    }

    async fn create_instances(&self) {
        let stream =
            StreamSpecification::builder().stream_enabled(true).stream_view_type(StreamViewType::NewAndOldImages);
        self.db
            .create_table()
            .table_name("Instances")
            .billing_mode(BillingMode::PayPerRequest)
            .attribute_definitions(text("instanceID"))
            .key_schema(key("instanceID", KeyType::Hash))
            .stream_specification(stream.build().expect("complete"))
            .send()
            .await
            .expect("the table is created");
    }

    /// Creates an instance.
    pub(crate) async fn put(&self, workspace: &str, instance: &str) {
        let put = self.db.put_item().table_name("Instances");
        let item = [("instanceID", instance), ("processName", "Loan"), ("workspaceID", workspace)];
        let item = item.into_iter().fold(put, |put, (name, value)| put.item(name, AttributeValue::S(value.to_owned())));
        item.send().await.expect("the item is written");
    }

    /// Sets this receiver for created instances of the workspace.
    pub(crate) async fn call_back(&self, workspace: &str, receiver: &Receiver) {
        self.call_back_urls(workspace, vec![receiver.url("/")]).await;
    }

    /// Sets these URLs for created instances of the workspace.
    pub(crate) async fn call_back_urls(&self, workspace: &str, urls: Vec<String>) {
        let urls = urls.into_iter().map(|url| CallbackUrl::try_from(url).expect("a URL")).collect();
        let callbacks = Callbacks { created: Callback { enabled: true, urls }, ..Callbacks::default() };
        let workspace = WorkspaceId::try_from(workspace.to_owned()).expect("a workspace id");
        let store = CallbacksStore::new(self.db.clone(), "Webhooks");
        store
            .replace(
                &workspace,
                &StoredCallbacks::default(),
                (callbacks, Vec::new()),
                Vec::new(),
                harness::author(&Actor::service()),
            )
            .await
            .expect("the callbacks are stored");
    }

    /// Stores callbacks that cannot be read.
    pub(crate) async fn damage_callbacks(&self, workspace: &str) {
        let put = self.db.put_item().table_name("Webhooks");
        let item = [("pk", workspace), ("sk", "callbacks"), ("created", "damaged")];
        let item = item.into_iter().fold(put, |put, (name, value)| put.item(name, AttributeValue::S(value.to_owned())));
        item.send().await.expect("the item is written");
    }

    /// Stores a paused record of the receiver's endpoint without room for another attribute: no delivery can be
    /// appended to its backlog.
    pub(crate) async fn fill_endpoint(&self, workspace: &str, receiver: &Receiver) {
        let id = EndpointId::of(&CallbackUrl::try_from(receiver.url("/")).expect("a URL"));
        let text = |text: String| AttributeValue::S(text);
        let put = self.db.put_item().table_name("Webhooks").item("pk", text(workspace.to_owned()));
        let put = put.item("sk", text(format!("endpoint#{id}"))).item("paused", AttributeValue::Bool(true));
        let room = 400 * 1024 - 80; // what the other attributes take, and a few bytes
        put.item("byHand", text("x".repeat(room))).send().await.expect("the item is written");
    }

    pub(crate) async fn items(&self, table: &str) -> Vec<HashMap<String, AttributeValue>> {
        self.db
            .scan()
            .table_name(table)
            .consistent_read(true)
            .send()
            .await
            .expect("the table is read")
            .items
            .expect("items")
    }

    /// Returns the built function, with these settings besides its tables.
    pub(crate) fn fanout(&self, settings: &[(&str, &str)]) -> Lambda {
        let defaults = [
            ("WEBHOOKS_TABLE", "Webhooks"),
            ("DELIVERIES_TABLE", "Deliveries"),
            ("AWS_ENDPOINT_URL", &self.endpoint),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
        ];
        let settings = defaults.iter().chain(settings).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Lambda::new(bootstrap(), settings.collect())
    }

    /// Starts a mapping of the instance table's stream to a function, from the first record on.
    pub(crate) async fn follow(&self, function: Lambda) -> Mapping {
        let described = self.db.describe_table().table_name("Instances").send().await.expect("the table is there");
        let stream = described.table.and_then(|table| table.latest_stream_arn).expect("a stream");
        let file = self.dir.path().join("discarded.jsonl");
        let settings = Settings {
            bisect_batch_on_function_error: true,
            report_batch_item_failures: true,
            maximum_retry_attempts: Some(RETRIES),
            longest_retry_delay: Duration::from_millis(200),
            ..Settings::default()
        };
        let mapping = EventSourceMapping::new(
            Stream::new(&self.config, stream),
            function.clone(),
            settings,
            Arc::new(Checkpoints::in_memory()),
            Destination::new(file.clone()),
        )
        .expect("valid settings");
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        tokio::spawn(async move { mapping.run(stopped).await.expect("the mapping runs") });
        Mapping { function, file, stop }
    }
}

/// Returns the path of the function that `make` has built for Lambda.
fn bootstrap() -> PathBuf {
    let path = std::env::var_os("FANOUT_BOOTSTRAP").map(PathBuf::from).expect(
        "FANOUT_BOOTSTRAP names the built fan-out function; `make test-lambda` builds it and sets the variable",
    );
    assert!(path.exists(), "FANOUT_BOOTSTRAP is {}, and there is nothing", path.display());
    path
}

fn text(attribute: &str) -> AttributeDefinition {
    let definition = AttributeDefinition::builder().attribute_name(attribute).attribute_type(ScalarAttributeType::S);
    definition.build().expect("complete")
}

fn key(attribute: &str, kind: KeyType) -> KeySchemaElement {
    KeySchemaElement::builder().attribute_name(attribute).key_type(kind).build().expect("complete")
}

/// A running mapping. It stops when it is dropped.
pub(crate) struct Mapping {
    function: Lambda,
    file: PathBuf,
    stop: CancellationToken,
}

impl Drop for Mapping {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Mapping {
    /// Returns the invocations that have ended.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.function.calls().borrow().clone()
    }

    /// Waits until `condition` holds for the invocations.
    pub(crate) async fn until(&self, what: &str, mut condition: impl FnMut(&[Call]) -> bool) -> Vec<Call> {
        let mut calls = self.function.calls();
        let seen = timeout(PATIENCE, calls.wait_for(|calls| condition(calls)))
            .await
            .map(|seen| seen.expect("it runs").clone());
        seen.unwrap_or_else(|_| panic!("waited {PATIENCE:?} in vain until {what}: {:#?}", self.calls()))
    }

    /// Returns the documents at the on-failure destination.
    pub(crate) fn discarded(&self) -> Vec<Value> {
        let lines = std::fs::read_to_string(&self.file).unwrap_or_default();
        lines.lines().map(|line| serde_json::from_str(line).expect("a document is JSON")).collect()
    }

    pub(crate) async fn until_discarded(&self, count: usize) -> Vec<Value> {
        let started = Instant::now();
        while self.discarded().len() < count {
            assert!(started.elapsed() < PATIENCE, "{count} documents, not {:#?}", self.discarded());
            sleep(Duration::from_millis(20)).await;
        }
        self.discarded()
    }

    pub(crate) fn kill_environment(&self) {
        self.function.kill_environment();
    }

    pub(crate) fn environments(&self) -> usize {
        self.function.environments()
    }
}
