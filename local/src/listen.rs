//! Listeners, on this machine's loopback address unless the user has named another.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};
use tokio::net::TcpListener;

/// Error for a port that cannot be used. Each message says how to fix it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ListenError {
    #[error(
        "{what} cannot listen on {address}: another program has that port; stop it, or choose another with {option} (0 takes a free one)"
    )]
    InUse { what: &'static str, address: SocketAddr, option: &'static str },
    #[error("{what} cannot listen on {address}: this machine has no such address; name one that it has with --bind")]
    NotHere { what: &'static str, address: SocketAddr },
    #[error("{what} cannot listen on {address} ({reason}): choose another port with {option} (0 takes a free one)")]
    Refused { what: &'static str, address: SocketAddr, option: &'static str, reason: io::Error },
}

/// Binds `port` (0: a free one) for `what`; `option` is the option by which the user chooses another.
pub(crate) async fn on_loopback(
    port: u16,
    what: &'static str,
    option: &'static str,
) -> Result<TcpListener, ListenError> {
    on(Ipv4Addr::LOCALHOST.into(), port, what, option).await
}

/// Binds `port` at an address that the user has named.
pub(crate) async fn on(
    address: IpAddr,
    port: u16,
    what: &'static str,
    option: &'static str,
) -> Result<TcpListener, ListenError> {
    let address = SocketAddr::new(address, port);
    TcpListener::bind(address).await.map_err(|reason| match reason.kind() {
        io::ErrorKind::AddrInUse => ListenError::InUse { what, address, option },
        io::ErrorKind::AddrNotAvailable => ListenError::NotHere { what, address },
        _ => ListenError::Refused { what, address, option, reason },
    })
}
