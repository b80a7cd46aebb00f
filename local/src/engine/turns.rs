//! The order of this program's requests to the embedded engine, which serves one at a time, in the order in which they come: a read
//! would wait for all the writes before it. DynamoDB serves them at the same time.

use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_smithy_runtime_api::client::{
    http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::HttpRequest,
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Number of batches of writes that are at the engine at a time. Another request waits for no more of them.
const AT_A_TIME: usize = 2;

const BATCH: &str = "DynamoDB_20120810.BatchWriteItem";

/// An HTTP client that sends a few batches of writes at a time, and everything else at once.
#[derive(Debug)]
pub(super) struct InTurn {
    client: SharedHttpClient,
    turns: Arc<Semaphore>,
}

impl InTurn {
    /// Wraps a client.
    pub(super) fn new(client: SharedHttpClient) -> Self {
        Self { client, turns: Arc::new(Semaphore::new(AT_A_TIME)) }
    }
}

impl HttpClient for InTurn {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let (connector, turns) = (self.client.http_connector(settings, components), Arc::clone(&self.turns));
        SharedHttpConnector::new(Connector { connector, turns })
    }
}

#[derive(Debug)]
struct Connector {
    connector: SharedHttpConnector,
    turns: Arc<Semaphore>,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if request.headers().get("x-amz-target") != Some(BATCH) {
            return self.connector.call(request);
        }
        let (connector, turns) = (self.connector.clone(), Arc::clone(&self.turns));
        HttpConnectorFuture::new(async move {
            let turn = turns.acquire_owned().await.map_err(|closed| ConnectorError::other(closed.into(), None))?;
            let response = connector.call(request).await;
            drop(turn);
            response
        })
    }
}
