//! The embedded DynamoDB for tests: a real engine in memory, over its real protocol.

use std::sync::Arc;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType,
};
use dynoxide::{Database, server};
use tokio::net::TcpListener;
use webhooks_api::{InstanceStream, StreamPlace};

use crate::patience::{stalls, timeouts};

/// Starts an engine with the two tables. It runs as long as the test's runtime.
pub async fn engine() -> Client {
    engine_at().await.0
}

/// Starts an engine, and returns its address.
pub async fn engine_at() -> (Client, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let client = client(&address);
    let database = Database::memory().unwrap();
    tokio::spawn(server::serve_with_shutdown(listener, database, std::future::pending()));
    for table in ["Webhooks", "Deliveries"] {
        create(&client, table).await;
    }
    (client, address)
}

/// Creates a client of the engine at this address.
pub fn client(endpoint: &str) -> Client {
    webhooks_runtime::aws::dynamodb(&config(endpoint))
}

/// Returns the stream of the table `Instances` of the engine at this address, of which this is a client.
pub fn instance_stream(client: &Client, endpoint: &str) -> InstanceStream {
    let place = StreamPlace::OfTable { client: client.clone(), table: "Instances".to_owned() };
    InstanceStream { config: config(endpoint), place, events: Arc::default() }
}

fn config(endpoint: &str) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(webhooks_runtime::aws::http_client())
        .timeout_config(timeouts())
        .stalled_stream_protection(stalls())
        .region(Region::from_static("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("test", "test", None, None, "test")))
        .endpoint_url(endpoint)
        .build()
}

async fn create(client: &Client, table: &str) {
    let mut create = client.create_table().table_name(table).billing_mode(BillingMode::PayPerRequest);
    let mut attributes = vec![("pk", ScalarAttributeType::S), ("sk", ScalarAttributeType::S)];
    for (name, hash, (range, kind)) in indices(table) {
        let is_log = table == "Deliveries";
        let projection = if is_log { ProjectionType::Include } else { ProjectionType::KeysOnly };
        let projection =
            Projection::builder().projection_type(projection).set_non_key_attributes(is_log.then(summary)).build();
        let index = GlobalSecondaryIndex::builder().index_name(name).set_key_schema(Some(keys(hash, range)));
        create = create.global_secondary_indexes(index.projection(projection).build().unwrap());
        attributes.extend([(hash, ScalarAttributeType::S), (range, kind)]);
    }
    attributes.sort_by_key(|(name, _)| *name);
    attributes.dedup_by_key(|(name, _)| *name);
    for (name, kind) in attributes {
        let definition = AttributeDefinition::builder().attribute_name(name).attribute_type(kind);
        create = create.attribute_definitions(definition.build().unwrap());
    }
    create.set_key_schema(Some(keys("pk", "sk"))).send().await.unwrap();
}

/// Returns the attributes of the log's indices in addition to the keys: the template's first list of them.
fn summary() -> Vec<String> {
    let lines = include_str!("../../../template.yaml").lines().map(str::trim);
    let list = lines.skip_while(|line| *line != "NonKeyAttributes:").skip(1);
    list.map_while(|line| line.strip_prefix("- ")).map(str::to_owned).collect()
}

type Index = (&'static str, &'static str, (&'static str, ScalarAttributeType));

/// Returns the indices of a table, as the template defines them.
fn indices(table: &str) -> Vec<Index> {
    let log = || ("logSk", ScalarAttributeType::S);
    match table {
        "Deliveries" => {
            vec![("byTime", "logPk", log()), ("byInstance", "instancePk", log()), ("byStatus", "statusPk", log())]
        }
        _ => vec![
            ("byWakeAt", "wakePk", ("wakeAt", ScalarAttributeType::N)),
            ("byFleet", "fleetPk", ("pk", ScalarAttributeType::S)),
        ],
    }
}

fn keys(hash: &str, range: &str) -> Vec<KeySchemaElement> {
    let key = |(name, kind)| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap();
    [(hash, KeyType::Hash), (range, KeyType::Range)].map(key).to_vec()
}
