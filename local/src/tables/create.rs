//! Converts a definition into the calls that create the table.

use super::describe;
use crate::template::{Attribute, Index, Key, TableDefinition};
use anyhow::{Context as _, bail};
use aws_sdk_dynamodb::{
    Client,
    error::BuildError,
    types::{
        AttributeDefinition, BillingMode, CreateGlobalSecondaryIndexAction, GlobalSecondaryIndex,
        GlobalSecondaryIndexUpdate, IndexStatus, KeySchemaElement, Projection, StreamSpecification, TableStatus,
        TimeToLiveSpecification, TimeToLiveStatus,
    },
};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Longest time to wait until a table is created. On AWS it takes some seconds.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Creates the table and waits until it can be used.
pub(super) async fn create(client: &Client, name: &str, definition: &TableDefinition) -> anyhow::Result<()> {
    let stream = definition.stream_specification.as_ref().map(|stream| {
        StreamSpecification::builder()
            .stream_enabled(true)
            .stream_view_type(stream.stream_view_type.as_str().into())
            .build()
    });
    client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(attributes(definition)?))
        .set_key_schema(Some(key_schema(&definition.key_schema)?))
        .set_global_secondary_indexes(indexes(definition)?)
        .set_stream_specification(stream.transpose()?)
        .send()
        .await
        .context("cannot be created")?;
    tracing::info!(table = name, "table created");
    wait_until_active(client, name).await
}

/// Adds an index to the table and waits until it can be read. DynamoDB adds one at a time.
pub(super) async fn add_index(
    client: &Client,
    name: &str,
    definition: &TableDefinition,
    index: &Index,
) -> anyhow::Result<()> {
    let create = CreateGlobalSecondaryIndexAction::builder()
        .index_name(&index.index_name)
        .set_key_schema(Some(key_schema(&index.key_schema)?))
        .projection(projection(index))
        .build()?;
    client
        .update_table()
        .table_name(name)
        .set_attribute_definitions(Some(attributes(definition)?))
        .global_secondary_index_updates(GlobalSecondaryIndexUpdate::builder().create(create).build())
        .send()
        .await
        .with_context(|| format!("the index {} cannot be added", index.index_name))?;
    tracing::info!(table = name, index = index.index_name, "index added");
    wait_until_active(client, name).await
}

/// Enables the time to live if the definition has one and the table does not.
pub(super) async fn expire(client: &Client, name: &str, definition: &TableDefinition) -> anyhow::Result<()> {
    let Some(ttl) = definition.time_to_live_specification.as_ref().filter(|ttl| ttl.enabled) else { return Ok(()) };
    let found =
        client.describe_time_to_live().table_name(name).send().await.context("its time to live cannot be read")?;
    let found = found.time_to_live_description;
    let status = found.as_ref().and_then(|found| found.time_to_live_status());
    if let Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling) = status {
        let attribute = found.as_ref().and_then(|found| found.attribute_name()).unwrap_or_default();
        if attribute != ttl.attribute_name {
            bail!(
                "its items expire by {attribute:?} where {:?} is needed: change it with UpdateTimeToLive",
                ttl.attribute_name
            );
        }
        return Ok(());
    }
    let specification = TimeToLiveSpecification::builder().attribute_name(&ttl.attribute_name).enabled(true).build()?;
    client
        .update_time_to_live()
        .table_name(name)
        .time_to_live_specification(specification)
        .send()
        .await
        .context("its time to live cannot be set")?;
    Ok(())
}

fn attributes(definition: &TableDefinition) -> Result<Vec<AttributeDefinition>, BuildError> {
    let attribute = |attribute: &Attribute| {
        AttributeDefinition::builder()
            .attribute_name(&attribute.attribute_name)
            .attribute_type(attribute.attribute_type.as_str().into())
            .build()
    };
    definition.attribute_definitions.iter().map(attribute).collect()
}

fn projection(index: &Index) -> Projection {
    let attributes = &index.projection.non_key_attributes;
    Projection::builder()
        .projection_type(index.projection.projection_type.as_str().into())
        .set_non_key_attributes((!attributes.is_empty()).then(|| attributes.clone()))
        .build()
}

fn key_schema(keys: &[Key]) -> Result<Vec<KeySchemaElement>, BuildError> {
    let element = |key: &Key| {
        KeySchemaElement::builder().attribute_name(&key.attribute_name).key_type(key.key_type.as_str().into()).build()
    };
    keys.iter().map(element).collect()
}

/// Returns the indexes, or `None` if there are none: DynamoDB rejects an empty list.
fn indexes(definition: &TableDefinition) -> Result<Option<Vec<GlobalSecondaryIndex>>, BuildError> {
    let indexes: Vec<_> = definition
        .global_secondary_indexes
        .iter()
        .map(|index| {
            GlobalSecondaryIndex::builder()
                .index_name(&index.index_name)
                .set_key_schema(Some(key_schema(&index.key_schema)?))
                .projection(projection(index))
                .build()
        })
        .collect::<Result<_, _>>()?;
    Ok((!indexes.is_empty()).then_some(indexes))
}

async fn wait_until_active(client: &Client, name: &str) -> anyhow::Result<()> {
    let patience = Instant::now() + PATIENCE;
    loop {
        let table = describe(client, name).await?.context("it vanished while it was created")?;
        let indexes = table.global_secondary_indexes();
        let readable = indexes.iter().all(|it| it.index_status().is_none_or(|status| *status == IndexStatus::Active));
        if table.table_status == Some(TableStatus::Active) && readable {
            return Ok(());
        }
        if Instant::now() > patience {
            bail!("it is not active after {} s: look at it in its engine, then start again", PATIENCE.as_secs());
        }
        sleep(LOOK_EVERY).await;
    }
}
