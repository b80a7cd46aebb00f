//! Why a lookup returned no address.

use std::io;
use std::time::Duration;

use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;

/// The lookup failed. A type of its own, so that it is told apart from a failed connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LookupError {
    /// No name server answered in time.
    #[error("the host name was not looked up within {0:?}: no answer from the name servers")]
    NotInTime(Duration),
    /// The name does not exist (RFC 8020).
    #[error("the host name could not be resolved: there is no such name")]
    NoSuchName,
    /// The name exists and has neither an IPv4 nor an IPv6 address.
    #[error("the host name could not be resolved: the name has no address")]
    NoAddress,
    /// A name server answered with an error, such as SERVFAIL.
    #[error("the host name could not be resolved: the name server answered \"{0}\"")]
    Code(ResponseCode),
    /// The answer was none that can be used.
    #[error("the host name could not be resolved: the name server's answer is not valid")]
    InvalidAnswer,
    /// The host is none that a name server can be asked about (RFC 1035, section 2.3.4).
    #[error("the host name could not be resolved: it is not a valid domain name")]
    InvalidName,
    /// No name server can be reached from this machine.
    #[error("the host name could not be resolved: no name server can be reached: {0}")]
    Unreachable(String),
}

impl LookupError {
    /// Classifies an error of a lookup that may take `time`. By its type alone: its text may repeat what a name server sent.
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
