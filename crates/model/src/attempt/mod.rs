//! Attempts: the GET requests of a delivery, their responses and failures.

mod attempts;

use std::borrow::Cow;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::credentials::SecretHeaders;

pub use attempts::Attempts;

/// Maximum stored length of a response body, in bytes.
pub const MAX_BODY_BYTES: usize = 4 * 1024;

/// Maximum stored length of a response's headers, in bytes.
pub const MAX_HEADERS_BYTES: usize = 2 * 1024;

/// One GET request of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// Start time.
    pub at: Timestamp,
    /// HTTP status code; `None` without a response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Time until the response's headers or until the failure, stored in milliseconds.
    #[serde(rename = "latencyMs", with = "milliseconds")]
    pub latency: Duration,
    /// The failure; `None` for a success.
    #[serde(default, skip_serializing_if = "Option::is_none", flatten)]
    pub failure: Option<Failure>,
    /// Delay that a response other than 2xx requested in `Retry-After`, stored in milliseconds.
    #[serde(default, rename = "retryAfterMs", skip_serializing_if = "Option::is_none", with = "optional_milliseconds")]
    pub retry_after: Option<Duration>,
    /// Beginning of the response's body: at most [`MAX_BODY_BYTES`], with U+FFFD for bytes that are not UTF-8.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
    /// Headers of the response, one per line as `name: value`: at most [`MAX_HEADERS_BYTES`], without those that carry
    /// secrets.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub headers: String,
}

impl Attempt {
    /// Returns a failed attempt without a response and without latency.
    pub fn failed(at: Timestamp, failure: Failure) -> Self {
        Self {
            at,
            status: None,
            latency: Duration::ZERO,
            failure: Some(failure),
            retry_after: None,
            body: String::new(),
            headers: String::new(),
        }
    }

    /// Returns whether the endpoint acknowledged the event.
    pub fn is_success(&self) -> bool {
        self.failure.is_none()
    }

    /// Replaces the values of secret headers that the response repeats.
    pub fn redact(&mut self, headers: &SecretHeaders) {
        let detail = self.failure.as_mut().map(|failure| &mut failure.detail);
        for text in [&mut self.body, &mut self.headers].into_iter().chain(detail) {
            if let Cow::Owned(redacted) = headers.redact(text) {
                *text = redacted;
            }
        }
    }

    /// Drops the response's body and headers.
    fn forget_response(&mut self) {
        (self.body, self.headers) = (String::new(), String::new());
    }

    /// Returns the stored headers of the response, in order.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.lines().filter_map(|line| line.split_once(": "))
    }
}

/// The failure of an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Class of the failure.
    pub reason: Reason,
    /// Description for people. It never contains the URL.
    pub detail: String,
}

/// Class of failure of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The response's status is neither 2xx nor 3xx.
    Status,
    /// The response is a 3xx: redirects are not followed.
    Redirect,
    /// The attempt exceeded its time limit.
    Timeout,
    /// The host name has no address, or its resolution failed.
    DnsFailure,
    /// The attempt was not made, because the outbound policy forbids the address, the port or `http`.
    AddressNotAllowed,
    /// The connection was refused.
    ConnectionRefused,
    /// The connection was reset.
    ConnectionReset,
    /// The connection was closed before a response.
    ConnectionClosed,
    /// There is no route to the host.
    Unreachable,
    /// The TLS handshake failed: certificate, protocol version, or no TLS at all.
    TlsFailure,
    /// The response is not HTTP.
    InvalidResponse,
    /// Any other failure, or one that a later release has recorded.
    #[serde(other)]
    Other,
}

impl Reason {
    /// All classes.
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

    /// Returns the name in the log and the API.
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::credentials::{header_name, header_value};

    fn refused() -> Attempt {
        let failure = Failure { reason: Reason::Status, detail: "503 for key-0123456789".to_owned() };
        Attempt {
            status: Some(503),
            latency: Duration::from_micros(12_999),
            retry_after: Some(Duration::from_secs(3)),
            body: "sorry, key-0123456789".to_owned(),
            headers: "x-key: key-0123456789\nserver: a: b".to_owned(),
            ..Attempt::failed(Timestamp::UNIX_EPOCH, failure)
        }
    }

    #[test]
    fn an_attempt_is_stored_in_whole_milliseconds_and_read_as_stored() {
        let stored = serde_json::to_value(refused()).unwrap();
        assert_eq!((&stored["latencyMs"], &stored["retryAfterMs"]), (&json!(12), &json!(3_000)));
        assert_eq!((&stored["reason"], &stored["status"]), (&json!("status"), &json!(503)));
        let read: Attempt = serde_json::from_value(stored).unwrap();
        assert_eq!(read, Attempt { latency: Duration::from_millis(12), ..refused() });
    }

    #[test]
    fn what_an_acknowledged_attempt_does_not_have_is_not_stored() {
        let taken = Attempt { failure: None, ..Attempt::failed(Timestamp::UNIX_EPOCH, refused().failure.unwrap()) };
        assert!(taken.is_success() && !refused().is_success());
        let stored = serde_json::to_value(&taken).unwrap();
        assert_eq!(stored, json!({"at": "1970-01-01T00:00:00Z", "latencyMs": 0}));
        assert_eq!(serde_json::from_value::<Attempt>(stored).unwrap(), taken);
    }

    #[test]
    fn a_repeated_secret_is_redacted_wherever_it_stands() {
        let mut secrets = SecretHeaders::default();
        let value = header_value("key-0123456789").unwrap();
        secrets.set(&header_name("x-key").unwrap(), Some(value), Timestamp::UNIX_EPOCH);
        let mut attempt = refused();
        attempt.redact(&secrets);
        assert_eq!(attempt.body, "sorry, [secret header]");
        assert_eq!(attempt.headers, "x-key: [secret header]\nserver: a: b");
        assert_eq!(attempt.failure.unwrap().detail, "503 for [secret header]");
    }

    #[test]
    fn headers_are_read_line_by_line_up_to_the_first_colon() {
        let attempt = refused();
        assert_eq!(attempt.headers().collect::<Vec<_>>(), [("x-key", "key-0123456789"), ("server", "a: b")]);
    }

    #[test]
    fn reasons_have_the_same_name_in_the_table_and_the_api() {
        for reason in Reason::ALL {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
        assert_eq!(serde_json::from_value::<Reason>(json!("of-a-later-release")).unwrap(), Reason::Other);
    }

    #[test]
    fn what_is_kept_of_a_response_is_bounded_as_documented() {
        assert_eq!((MAX_BODY_BYTES, MAX_HEADERS_BYTES), (4_096, 2_048));
    }
}
