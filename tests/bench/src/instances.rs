//! The instance table of a running program, as the platform writes it.

use anyhow::{Context, Result};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::AttributeValue;

/// A client of the table.
#[derive(Clone, Debug)]
pub(crate) struct Instances(Client);

impl Instances {
    /// The table of the DynamoDB at this address.
    pub(crate) fn at(endpoint: &str) -> Self {
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(endpoint)
            .region(Region::from_static("us-east-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "bench"))
            .http_client(webhooks::aws::http_client())
            .build();
        Self(Client::from_conf(config))
    }

    /// Writes an instance: into this workspace, or the default one.
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
