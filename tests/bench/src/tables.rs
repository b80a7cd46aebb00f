//! The tables of a running program, without its API: the platform writes instances, and the bench counts pending
//! deliveries.

use anyhow::{Context, Result};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::{AttributeValue, Select};

use crate::patience::{stalls, timeouts};

/// A client of the instance table.
#[derive(Clone, Debug)]
pub(crate) struct Instances(Client);

impl Instances {
    /// Returns a client for the DynamoDB at this address.
    pub(crate) fn at(endpoint: &str) -> Self {
        Self(client(endpoint))
    }

    /// Writes an instance into this workspace, or the default one.
    pub(crate) async fn put(&self, workspace: Option<&str>, instance: &str, process: &str) -> Result<()> {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let mut put = self.0.put_item().table_name("Instances").item("instanceID", text(instance));
        if let Some(workspace) = workspace {
            put = put.item("workspaceID", text(workspace));
        }
        put.item("processName", text(process)).send().await.context("an instance could not be written")?;
        Ok(())
    }
}

/// Returns the number of pending deliveries of all endpoints.
pub(crate) async fn pending(endpoint: &str) -> Result<u64> {
    // Only pending deliveries are in this index, so that it takes no longer however long the log is.
    let scan = client(endpoint).scan().table_name("Deliveries").index_name("byTime").select(Select::Count);
    let (mut pages, mut count) = (scan.into_paginator().send(), 0);
    while let Some(page) = pages.next().await {
        count += u64::try_from(page.context("the deliveries cannot be read")?.count)?;
    }
    Ok(count)
}

fn client(endpoint: &str) -> Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .region(Region::from_static("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "bench"))
        .http_client(webhooks_runtime::aws::http_client())
        .timeout_config(timeouts())
        .stalled_stream_protection(stalls())
        .build();
    Client::from_conf(config)
}
