//! Name lookup for a connection: all of a name's addresses are judged, and these very addresses are connected to. There
//! is no second lookup that could answer differently (DNS rebinding).

use std::error::Error;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper_util::client::legacy::connect::dns::Name;
use tower_service::Service;

use super::lookup::Lookup;
use crate::address::Guard;

/// Looks a name up, and answers its addresses if all of them may be called.
#[derive(Clone, Debug)]
pub(super) struct Resolver {
    pub(super) lookup: Lookup,
    pub(super) guard: Arc<Guard>,
}

/// The lookup failed. A type of its own, so that it is told apart from a failed connection.
#[derive(Debug, thiserror::Error)]
#[error("the host name could not be resolved: {0}")]
pub(super) struct LookupError(pub(super) io::Error);

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    /// [`LookupError`] or [`Refused`](crate::address::Refused).
    type Error = Box<dyn Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let Self { lookup, guard } = self.clone();
        Box::pin(async move {
            let addresses = lookup.addresses(name).await.map_err(LookupError)?;
            guard.judge_addresses(addresses.iter().map(SocketAddr::ip))?;
            Ok(addresses.into_iter())
        })
    }
}
