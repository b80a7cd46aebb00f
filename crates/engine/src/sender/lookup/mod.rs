//! Name resolution (docs/adr/0022).
//!
//! A lookup uses no thread and one file descriptor at a time, has its own time limit, and is shared by all concurrent
//! lookups of the same name.

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
    /// A function, for tests: called for each lookup.
    Given(Arc<Answer>),
}

/// A function that returns a host name's addresses.
pub type Answer = dyn Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync;

/// Resolver of host names.
pub(super) struct Names {
    source: Source,
    /// Time limit of one lookup.
    time: Duration,
}

enum Source {
    Dns(Box<Dns>),
    Given(Arc<Answer>),
}

impl Names {
    /// Creates the resolver; each lookup takes at most `time`.
    pub(super) fn new(lookup: Lookup, time: Duration) -> Self {
        let source = match lookup {
            Lookup::System => Source::Dns(Box::new(Dns::new(None, time))),
            Lookup::NameServers(servers) => Source::Dns(Box::new(Dns::new(Some(servers), time))),
            Lookup::Given(answer) => Source::Given(answer),
        };
        Self { source, time }
    }

    /// Returns all addresses of the name, at least one, with port 0.
    ///
    /// # Errors
    /// [`LookupError::NotInTime`] if none is known by the end of the lookup's time; another [`LookupError`] if there is
    /// none.
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
