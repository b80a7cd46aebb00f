//! Errors of name resolution.

use std::io;
use std::time::Duration;

use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;

/// Reason why a lookup returned no address. Its own type distinguishes it from a failed connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LookupError {
    /// No name server responded in time.
    #[error("the host name was not looked up within {0:?}: no answer from the name servers")]
    NotInTime(Duration),
    /// The name does not exist (RFC 8020).
    #[error("the host name could not be resolved: there is no such name")]
    NoSuchName,
    /// The name exists, and has neither an IPv4 nor an IPv6 address.
    #[error("the host name could not be resolved: the name has no address")]
    NoAddress,
    /// A name server responded with an error, such as SERVFAIL.
    #[error("the host name could not be resolved: the name server answered \"{0}\"")]
    Code(ResponseCode),
    /// The response was invalid.
    #[error("the host name could not be resolved: the name server's answer is not valid")]
    InvalidAnswer,
    /// The host is not a valid DNS name (RFC 1035, section 2.3.4).
    #[error("the host name could not be resolved: it is not a valid domain name")]
    InvalidName,
    /// No name server is reachable from this machine.
    #[error("the host name could not be resolved: no name server can be reached: {0}")]
    Unreachable(String),
}

impl LookupError {
    /// Classifies an error of a lookup limited to `time`, by type only: its text may repeat data from a name server.
    pub(super) fn of(error: &NetError, time: Duration) -> Self {
        match error {
            NetError::Timeout | NetError::Busy => Self::NotInTime(time),
            NetError::Dns(DnsError::NoRecordsFound(none)) => match none.response_code {
                ResponseCode::NXDomain => Self::NoSuchName,
                ResponseCode::NoError => Self::NoAddress,
                code => Self::Code(code),
            },
            NetError::Dns(DnsError::ResponseCode(code)) => Self::Code(*code),
            NetError::Io(error) if error.kind() == io::ErrorKind::TimedOut => Self::NotInTime(time),
            NetError::Io(error) => Self::Unreachable(error.to_string()),
            NetError::NoConnections => Self::Unreachable("none is configured".to_owned()),
            _ => Self::InvalidAnswer,
        }
    }
}
