//! A real engine for tests: the embedded DynamoDB, in memory, over its real protocol.

#![allow(dead_code, reason = "each test binary uses its own part")]

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType};
use dynoxide::{Database, server};
use tokio::net::TcpListener;

/// An engine with the two tables, for as long as the test's runtime lives.
pub(crate) async fn engine() -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client(&format!("http://{}", listener.local_addr().unwrap()));
    let database = Database::memory().unwrap();
    tokio::spawn(server::serve_with_shutdown(listener, database, std::future::pending()));
    for table in ["Webhooks", "Deliveries"] {
        create(&client, table).await;
    }
    client
}

/// A client of whatever answers there.
pub(crate) fn client(endpoint: &str) -> Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(webhooks::aws::http_client())
        .region(Region::from_static("eu-central-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(endpoint)
        .build();
    Client::from_conf(config)
}

async fn create(client: &Client, table: &str) {
    let mut create = client.create_table().table_name(table).billing_mode(BillingMode::PayPerRequest);
    for (name, kind) in [("pk", KeyType::Hash), ("sk", KeyType::Range)] {
        let definition = AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
        let key = KeySchemaElement::builder().attribute_name(name).key_type(kind);
        create = create.attribute_definitions(definition.build().unwrap()).key_schema(key.build().unwrap());
    }
    create.send().await.unwrap();
}
