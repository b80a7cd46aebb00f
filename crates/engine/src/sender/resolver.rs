//! Name resolution for a connection: all of a name's addresses are checked, and the connection uses exactly these.
//! There is no second lookup that could return others (DNS rebinding).

use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::lookup::Names;
use webhooks_model::address::OutboundPolicy;

/// Resolver that returns a name's addresses if all are allowed. It is not used for hosts that are addresses.
#[derive(Clone, Debug)]
pub(super) struct Resolver {
    pub(super) names: Arc<Names>,
    pub(super) policy: Arc<OutboundPolicy>,
}

impl Resolve for Resolver {
    /// Fails with [`LookupError`](super::lookup::LookupError) or [`NotAllowed`](webhooks_model::address::NotAllowed).
    fn resolve(&self, name: Name) -> Resolving {
        let Self { names, policy } = self.clone();
        Box::pin(async move {
            let addresses = names.addresses(name.as_str()).await?;
            policy.check_addresses(addresses.iter().map(SocketAddr::ip))?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
