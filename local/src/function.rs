//! The fan-out function, in this process, as a mapping sees it.

use crate::mapping::{Invoke, InvokeError};
use std::{sync::Arc, time::Duration};
use tokio::{runtime::Handle, task::spawn_blocking, time::Instant};
use webhooks::fanout::Fanout;

/// What the function that is deployed does between Lambda and the library, done here between the mapping and it.
#[derive(Clone)]
pub(crate) struct FanoutFunction {
    fanout: Arc<Fanout>,
    timeout: Duration,
}

impl FanoutFunction {
    /// `timeout` is the function's time for one batch.
    pub(crate) fn new(fanout: Fanout, timeout: Duration) -> Self {
        Self { fanout: Arc::new(fanout), timeout }
    }
}

impl Invoke for FanoutFunction {
    /// On a thread of its own, as in a Lambda environment: the library asks no more of a runtime than it has there, and
    /// so its futures need not be `Send`.
    async fn invoke(&self, event: String) -> Result<String, InvokeError> {
        let failed = |error: &dyn std::error::Error| InvokeError::Function(error.to_string());
        let (fanout, runtime, deadline) = (Arc::clone(&self.fanout), Handle::current(), Instant::now() + self.timeout);
        let handled = spawn_blocking(move || runtime.block_on(fanout.handle(&event, deadline))).await;
        let response = handled.map_err(|error| failed(&error))?.map_err(|error| failed(&error))?;
        serde_json::to_string(&response).map_err(|error| failed(&error))
    }
}
