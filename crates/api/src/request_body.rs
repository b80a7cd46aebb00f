//! Response body of a delivery's request, for instance to repeat it by hand.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Problem, ProblemType};
use webhooks_engine::request;
use webhooks_model::delivery::Status;
use webhooks_store::StoredDelivery;

/// Request of an attempt, as this version makes it.
///
/// `host` follows from the URL. `webhook-timestamp` and `webhook-signature` are left out: each attempt has its own, and
/// the timestamp is the attempt's `at`.
#[derive(Serialize, ToSchema)]
#[schema(as = DeliveryRequest)]
pub(super) struct RequestBody {
    /// Always `GET`.
    #[schema(example = "GET")]
    method: String,
    /// The configured URL and the three parameters.
    #[schema(example = "https://my-service.com/instanceCreated?instanceID=i-1&processName=Order&eventType=created")]
    url: String,
    /// Headers in the order in which they are sent.
    headers: Vec<HeaderBody>,
}

/// One header.
#[derive(Serialize, ToSchema)]
#[schema(as = RequestHeader)]
pub(super) struct HeaderBody {
    /// Name in lower case.
    #[schema(example = "webhook-attempt")]
    name: String,
    #[schema(example = "1")]
    value: String,
}

impl HeaderBody {
    pub(super) fn new(name: &str, value: &str) -> Self {
        Self { name: name.to_owned(), value: value.to_owned() }
    }
}

impl RequestBody {
    /// Returns the request of the next attempt of a pending delivery, or of the last attempt of a completed one.
    ///
    /// # Errors
    /// A [`Problem`] if the stored data makes no valid request. The types of event and URL rule that out.
    pub(super) fn of(stored: &StoredDelivery) -> Result<Self, Problem> {
        let made = stored.attempts.count();
        let number = if stored.status == Status::Pending { made + 1 } else { made.max(1) };
        let request = request::unsigned(&stored.endpoint.url, &stored.event, number).map_err(|error| {
            tracing::error!(delivery_id = %stored.id, %error, "a stored delivery makes no valid request");
            let detail = "the stored delivery makes no valid request; the log names it";
            Problem::new(ProblemType::StoredDataDamaged, detail)
        })?;
        let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            HeaderBody::new(name.as_str(), &String::from_utf8_lossy(value.as_bytes()))
        };
        Ok(Self {
            method: request.method().to_string(),
            url: request.url().to_string(),
            headers: request.headers().iter().map(header).collect(),
        })
    }
}
