//! The fan-out function in this process, as the function of a mapping.

use event_source_mapping::{Invoke, InvokeError};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use tokio::{
    runtime::Handle,
    sync::{Semaphore, oneshot},
    time::Instant,
};
use tokio_util::task::TaskTracker;
use webhooks_engine::fanout::Fanout;

/// Number of batches in progress, including those that are acknowledged and whose attempts continue; each stands for a
/// Lambda environment.
const ENVIRONMENTS: usize = 128;

/// The fan-out function: does between mapping and library the work that the deployed function does between Lambda and
/// library.
#[derive(Clone)]
pub(crate) struct FanoutFunction {
    fanout: Arc<Fanout>,
    timeout: Duration,
    environments: Arc<Semaphore>,
    batches: TaskTracker,
}

impl FanoutFunction {
    /// Creates the function; `timeout` bounds the time for one batch.
    pub(crate) fn new(fanout: Fanout, timeout: Duration) -> Self {
        let environments = Arc::new(Semaphore::new(ENVIRONMENTS));
        Self { fanout: Arc::new(fanout), timeout, environments, batches: TaskTracker::new() }
    }

    /// Waits until every batch is finished, including attempts that continue after the response.
    pub(crate) async fn finished(&self) {
        self.batches.close();
        self.batches.wait().await;
    }
}

impl Invoke for FanoutFunction {
    /// Runs on its own thread, as in a Lambda environment: the library requires no more of a runtime than it has there,
    /// so that its futures need not be `Send`.
    async fn invoke(&self, event: String) -> Result<String, InvokeError> {
        let failed = |error: &dyn std::error::Error| InvokeError::Function(error.to_string());
        let environment = Arc::clone(&self.environments).acquire_owned().await.map_err(|error| failed(&error))?;
        let (fanout, runtime, deadline) = (Arc::clone(&self.fanout), Handle::current(), Instant::now() + self.timeout);
        let (respond, response) = oneshot::channel();
        self.batches.spawn_blocking(move || {
            runtime.block_on(fanout.handle(event.as_bytes(), deadline, |response| drop(respond.send(response))));
            drop(environment);
        });
        let response = response.await.map_err(|error| failed(&error))?.map_err(|error| failed(&error))?;
        Ok(batch_response(response))
    }
}

/// Reports the records that have to be delivered again, in Lambda's format ("Implementing partial batch response", AWS
/// Lambda Developer Guide).
fn batch_response(sequence_numbers: Vec<String>) -> String {
    let failures: Vec<_> = sequence_numbers.into_iter().map(|number| json!({"itemIdentifier": number})).collect();
    json!({"batchItemFailures": failures}).to_string()
}
