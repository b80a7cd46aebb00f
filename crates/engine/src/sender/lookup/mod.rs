//! The source of a host name's addresses (docs/adr/0022). A lookup holds no thread and one file descriptor at a time, ends
//! after a time of its own, and is shared by all that look up the same name meanwhile.

mod connections;
mod dns;
mod error;
mod name_servers;

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use dns::Dns;
pub(super) use error::LookupError;
pub use name_servers::{InvalidNameServers, NameServers};

/// The source of a host name's addresses.
#[derive(Clone, Default)]
pub enum Lookup {
    /// The system's hosts file and name servers (`/etc/hosts`, `/etc/resolv.conf`).
    #[default]
    System,
    /// The system's hosts file and these name servers.
    NameServers(NameServers),
    /// A function: tests say with it what a name stands for, each time that it is asked.
    Given(Arc<Answer>),
}

/// Returns a host name's addresses.
pub type Answer = dyn Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync;

/// Looks names up.
pub(super) struct Names {
    source: Source,
    /// The bound on one lookup.
    time: Duration,
}

enum Source {
    Dns(Box<Dns>),
    Given(Arc<Answer>),
}

impl Names {
    /// Lookups that take no longer than `time` each.
    pub(super) fn new(lookup: Lookup, time: Duration) -> Self {
        let source = match lookup {
            Lookup::System => Source::Dns(Box::new(Dns::new(None, time))),
            Lookup::NameServers(servers) => Source::Dns(Box::new(Dns::new(Some(servers), time))),
            Lookup::Given(answer) => Source::Given(answer),
        };
        Self { source, time }
    }

    /// Returns all addresses of the name, with port 0: at least one.
    ///
    /// # Errors
    /// [`LookupError::NotInTime`] when none is known by the end of the lookup's time, another one when there is none.
    pub(super) async fn addresses(&self, name: &str) -> Result<Vec<SocketAddr>, LookupError> {
        let until = Instant::now() + self.time;
        let addresses = match &self.source {
            Source::Dns(dns) => dns.addresses(name, until).await?,
            Source::Given(answer) => answer(name).map_err(|error| LookupError::Unreachable(error.to_string()))?,
        };
        Ok(addresses.into_iter().map(|ip| SocketAddr::new(ip, 0)).collect())
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Names").field("time", &self.time).finish_non_exhaustive()
    }
}

impl fmt::Debug for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("System"),
            Self::NameServers(servers) => write!(f, "NameServers({servers})"),
            Self::Given(_) => f.write_str("Given"),
        }
    }
}
