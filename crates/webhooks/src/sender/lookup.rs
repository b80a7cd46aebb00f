//! The source of a host name's addresses.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// The source of a host name's addresses.
#[derive(Clone, Default)]
pub enum Lookup {
    /// The system.
    #[default]
    System,
    /// A function: tests say with it what a name stands for, each time that it is asked.
    Given(Arc<Answer>),
}

/// Returns a host name's addresses.
pub type Answer = dyn Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync;

impl Lookup {
    /// The name's addresses, with port 0.
    pub(super) async fn addresses(&self, name: &str) -> io::Result<Vec<SocketAddr>> {
        match self {
            Self::System => Ok(tokio::net::lookup_host((name, 0)).await?.collect()),
            Self::Given(answer) => Ok(answer(name)?.into_iter().map(|ip| SocketAddr::new(ip, 0)).collect()),
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
