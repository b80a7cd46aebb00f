//! One event to one endpoint, and what came of it.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::callbacks::CallbackUrl;
use crate::event::Event;

/// How much of an answer's body is kept, in bytes.
pub const MAX_BODY_BYTES: usize = 4 * 1024;

/// Names an endpoint, that is one distinct URL of a workspace, without showing the URL.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EndpointId(String);

impl EndpointId {
    /// The first 128 bits of the URL's SHA-256, in hexadecimal.
    pub fn of(url: &CallbackUrl) -> Self {
        let digest = Sha256::digest(url.as_str());
        Self(digest[..16].iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EndpointId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

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
    /// What was tried, oldest first.
    pub attempts: Vec<Attempt>,
}

/// One distinct URL of a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its name.
    pub id: EndpointId,
    /// Where it is.
    pub url: CallbackUrl,
}

impl From<CallbackUrl> for Endpoint {
    fn from(url: CallbackUrl) -> Self {
        Self { id: EndpointId::of(&url), url }
    }
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
    /// The beginning of the answer's body: at most [`MAX_BODY_BYTES`], with U+FFFD for what is not UTF-8.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
}

impl Attempt {
    /// Whether the endpoint took the event.
    pub fn succeeded(&self) -> bool {
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
    /// Anything else.
    Other,
}

impl Reason {
    /// The name in the log and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Redirect => "redirect",
            Self::Timeout => "timeout",
            Self::DnsFailure => "dns-failure",
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
