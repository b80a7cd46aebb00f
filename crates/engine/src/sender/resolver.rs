//! Name lookup for a connection: all of a name's addresses are checked, and these very addresses are connected to. There
//! is no second lookup that could return others (DNS rebinding).

use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::lookup::Names;
use webhooks_model::address::OutboundPolicy;

/// Looks a name up, and returns its addresses if all of them may be called. Not asked about hosts that are addresses.
#[derive(Clone, Debug)]
pub(super) struct Resolver {
    pub(super) names: Arc<Names>,
    pub(super) policy: Arc<OutboundPolicy>,
}

impl Resolve for Resolver {
    /// Fails with [`LookupError`](super::lookup::LookupError) or [`Refused`](webhooks_model::address::NotAllowed).
    fn resolve(&self, name: Name) -> Resolving {
        let Self { names, policy } = self.clone();
        Box::pin(async move {
            let addresses = names.addresses(name.as_str()).await?;
            policy.check_addresses(addresses.iter().map(SocketAddr::ip))?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
