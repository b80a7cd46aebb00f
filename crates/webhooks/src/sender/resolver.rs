//! Name lookup for a connection: all of a name's addresses are checked, and these very addresses are connected to. There
//! is no second lookup that could return others (DNS rebinding).

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::lookup::Lookup;
use crate::address::Guard;

/// Looks a name up, and returns its addresses if all of them may be called. Not asked about hosts that are addresses.
#[derive(Clone, Debug)]
pub(super) struct Resolver {
    pub(super) lookup: Lookup,
    pub(super) guard: Arc<Guard>,
}

/// The lookup failed. A type of its own, so that it is told apart from a failed connection.
#[derive(Debug, thiserror::Error)]
#[error("the host name could not be resolved: {0}")]
pub(super) struct LookupError(pub(super) io::Error);

impl Resolve for Resolver {
    /// Fails with [`LookupError`] or [`Refused`](crate::address::Refused).
    fn resolve(&self, name: Name) -> Resolving {
        let Self { lookup, guard } = self.clone();
        Box::pin(async move {
            let addresses = lookup.addresses(name.as_str()).await.map_err(LookupError)?;
            guard.judge_addresses(addresses.iter().map(SocketAddr::ip))?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
