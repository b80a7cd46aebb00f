//! Events about endpoints: published to EventBridge by the functions, logged by the local program.
//!
//! `docs/events.md` describes their format.

mod notice;

use aws_sdk_dynamodb::error::DisplayErrorContext;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use serde::Serialize;
use url::Url;

use webhooks_model::endpoint::EndpointSettings;
use webhooks_runtime::aws::LazyClient;
use webhooks_store::Lease;

use notice::{Notice, kind};

pub use notice::{Occurrence, published_state, publishes_failures};

/// The `source` of every event.
const SOURCE: &str = "instance-webhooks";

/// Publisher of events about endpoints.
#[derive(Clone, Debug)]
pub struct EndpointEvents {
    /// Address of the console, to which events link.
    pub console: Url,
    /// Destination of the events.
    pub destination: Destination,
}

/// Destination of events.
#[derive(Clone, Debug)]
pub enum Destination {
    /// An EventBridge bus.
    Bus {
        /// Client of the bus.
        client: LazyClient<aws_sdk_eventbridge::Client>,
        /// Name of the deployment: the name of its stack.
        deployment: String,
    },
    /// The log.
    Log,
}

/// Error for an event that could not be published; it will be published again.
#[derive(Debug, thiserror::Error)]
#[error("the event {kind:?} could not be published: {cause}")]
pub struct EndpointEventError {
    kind: &'static str,
    cause: String,
}

#[derive(Serialize)]
struct Detail<'a> {
    deployment: &'a str,
    #[serde(flatten)]
    notice: Notice<'a>,
}

impl EndpointEvents {
    /// Publishes what happened to a leased endpoint, with its name, description and contact.
    ///
    /// # Errors
    /// [`EndpointEventError`] if the bus has rejected the event or not responded.
    pub async fn publish(
        &self,
        lease: &Lease,
        settings: &EndpointSettings,
        occurrence: Occurrence,
    ) -> Result<(), EndpointEventError> {
        let kind = kind(occurrence);
        let notice = Notice::new((&lease.workspace, &lease.endpoint), settings, occurrence, &self.console);
        match &self.destination {
            Destination::Log => {
                let Notice { workspace, endpoint, name, reason, failed_deliveries, link, .. } = notice;
                tracing::warn!(%workspace, endpoint_id = %endpoint, name, reason, failed_deliveries, link, "{kind}");
                Ok(())
            }
            Destination::Bus { client, deployment } => {
                let failed = |cause: String| EndpointEventError { kind, cause };
                let detail = serde_json::to_string(&Detail { deployment, notice });
                let detail = detail.map_err(|error| failed(error.to_string()))?;
                let entry = PutEventsRequestEntry::builder().source(SOURCE).detail_type(kind).detail(detail).build();
                let answer = client.put_events().entries(entry).send().await;
                let answer = answer.map_err(|error| failed(DisplayErrorContext(error).to_string()))?;
                match answer.entries().iter().find_map(|entry| entry.error_message()) {
                    Some(reason) => Err(failed(reason.to_owned())),
                    None => Ok(()),
                }
            }
        }
    }
}
