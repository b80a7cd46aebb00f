//! Listeners, on this machine's loopback address and nowhere else.

use std::{io, net::Ipv4Addr};
use tokio::net::TcpListener;

/// Why a port cannot be had. Each message says how to mend it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ListenError {
    #[error(
        "{what} cannot listen on 127.0.0.1:{port}: another program has that port; stop it, or choose another with {option} (0 takes a free one)"
    )]
    InUse { what: &'static str, port: u16, option: &'static str },
    #[error(
        "{what} cannot listen on 127.0.0.1:{port} ({reason}): choose another port with {option} (0 takes a free one)"
    )]
    Refused { what: &'static str, port: u16, option: &'static str, reason: io::Error },
}

/// Takes `port` (0: a free one) for `what`; `option` is how the user chooses another.
pub(crate) async fn on_loopback(
    port: u16,
    what: &'static str,
    option: &'static str,
) -> Result<TcpListener, ListenError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|reason| match reason.kind() {
        io::ErrorKind::AddrInUse => ListenError::InUse { what, port, option },
        _ => ListenError::Refused { what, port, option, reason },
    })
}
