//! Who says which addresses a host name has.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use tower_service::Service;

/// Who says which addresses a host name has.
#[derive(Clone, Default)]
pub enum Lookup {
    /// The system.
    #[default]
    System,
    /// A function: tests say with it what a name stands for, each time that it is asked.
    Given(Arc<Answer>),
}

/// Answers a host name with its addresses.
pub type Answer = dyn Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync;

impl Lookup {
    /// The name's addresses, with port 0.
    pub(super) async fn addresses(&self, name: Name) -> io::Result<Vec<SocketAddr>> {
        match self {
            Self::System => Ok(GaiResolver::new().call(name).await?.collect()),
            Self::Given(answer) => Ok(answer(name.as_str())?.into_iter().map(|ip| SocketAddr::new(ip, 0)).collect()),
        }
    }
}

impl fmt::Debug for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System => "System",
            Self::Given(_) => "Given",
        })
    }
}
