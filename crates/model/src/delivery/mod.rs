//! One event to one endpoint, and what came of it.

mod attempts;

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::endpoint::Endpoint;
use crate::event::Event;

pub use attempts::Attempts;

/// How much of an answer's body is kept, in bytes.
pub const MAX_BODY_BYTES: usize = 4 * 1024;

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Still to be delivered.
    Pending,
    /// Answered with 2xx.
    Delivered,
    /// Given up.
    Failed,
}

/// One event to one endpoint.
#[derive(Clone, Debug)]
pub struct Delivery<'a> {
    /// What happened.
    pub event: &'a Event,
    /// Whom to tell.
    pub endpoint: &'a Endpoint,
    /// Where it stands.
    pub status: Status,
    /// What was tried.
    pub attempts: Attempts,
    /// Why it was given up, when it is [`Status::Failed`].
    pub give_up_reason: Option<GiveUpReason>,
}

/// Why a delivery was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GiveUpReason {
    /// The endpoint is disabled.
    EndpointDisabled,
    /// Its URL is no longer called for this event type.
    NoLongerConfigured,
    /// The endpoint works, and refused this one for a day.
    Rejected,
}

impl GiveUpReason {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::EndpointDisabled, Self::NoLongerConfigured, Self::Rejected];
}

/// One GET of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// When it began.
    pub at: Timestamp,
    /// The status code, when an answer came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Until the answer's headers, or until it failed; in milliseconds.
    #[serde(rename = "latencyMs", with = "milliseconds")]
    pub latency: Duration,
    /// Why it is not a success; `None` when it is one.
    #[serde(default, skip_serializing_if = "Option::is_none", flatten)]
    pub failure: Option<Failure>,
    /// What the answer asked for in `Retry-After`, in milliseconds.
    #[serde(default, rename = "retryAfterMs", skip_serializing_if = "Option::is_none", with = "optional_milliseconds")]
    pub retry_after: Option<Duration>,
    /// The beginning of the answer's body: at most [`MAX_BODY_BYTES`], with U+FFFD for what is not UTF-8.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Delivered, Self::Failed];

    /// The name in the log and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }
}

impl Attempt {
    /// Returns an attempt without a response, that took no time.
    pub fn failed(at: Timestamp, failure: Failure) -> Self {
        Self {
            at,
            status: None,
            latency: Duration::ZERO,
            failure: Some(failure),
            retry_after: None,
            body: String::new(),
        }
    }

    /// Whether the endpoint took the event.
    pub fn is_success(&self) -> bool {
        self.failure.is_none()
    }
}

/// Why an attempt is not a success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The class.
    pub reason: Reason,
    /// In words, for a person. Never contains the URL.
    pub detail: String,
}

/// The classes of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// An answer that is neither 2xx nor 3xx.
    Status,
    /// A 3xx: redirects are not followed.
    Redirect,
    /// Not finished within the time allowed.
    Timeout,
    /// The host name has no address, or the lookup failed.
    DnsFailure,
    /// Not called, because it may not be: an address that is not on the internet, a port or `http` that is not allowed.
    AddressNotAllowed,
    /// Nothing listens there.
    ConnectionRefused,
    /// The connection was reset.
    ConnectionReset,
    /// The connection was closed before an answer.
    ConnectionClosed,
    /// No route to the host.
    Unreachable,
    /// No TLS connection: certificate, protocol version, or no TLS at all.
    TlsFailure,
    /// What came back is not HTTP.
    InvalidResponse,
    /// Anything else, and what a later release has recorded.
    #[serde(other)]
    Other,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Status,
        Self::Redirect,
        Self::Timeout,
        Self::DnsFailure,
        Self::AddressNotAllowed,
        Self::ConnectionRefused,
        Self::ConnectionReset,
        Self::ConnectionClosed,
        Self::Unreachable,
        Self::TlsFailure,
        Self::InvalidResponse,
        Self::Other,
    ];

    /// The name in the log and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Redirect => "redirect",
            Self::Timeout => "timeout",
            Self::DnsFailure => "dns-failure",
            Self::AddressNotAllowed => "address-not-allowed",
            Self::ConnectionRefused => "connection-refused",
            Self::ConnectionReset => "connection-reset",
            Self::ConnectionClosed => "connection-closed",
            Self::Unreachable => "unreachable",
            Self::TlsFailure => "tls-failure",
            Self::InvalidResponse => "invalid-response",
            Self::Other => "other",
        }
    }
}

mod milliseconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }
}

mod optional_milliseconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(duration: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
        duration.map(|duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u64>::deserialize(deserializer)?.map(Duration::from_millis))
    }
}
