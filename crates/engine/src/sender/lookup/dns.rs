//! Name resolution by the hosts file, then by DNS.

use std::fmt;
use std::net::IpAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts};
use hickory_resolver::proto::op::Query;
use hickory_resolver::proto::rr::{Name, RecordType};
use hickory_resolver::{Hosts, Resolver, ResolverBuilder};
use tokio::time::{Instant, timeout_at};

use super::connections::Connections;
use super::{LookupError, NameServers};

/// Configuration files of name resolution. A changed file is read again, as by the system's resolver.
const FILES: [&str; 2] = ["/etc/hosts", "/etc/resolv.conf"];

/// Number of attempts of a query within a lookup's time.
const TRIES: u32 = 2;

/// Maximum number of concurrent queries over one TCP connection to a name server: more than there are attempts.
const MAX_OVER_TCP: usize = 1_024;

/// Addresses from the hosts file and from name servers.
pub(super) struct Dns {
    /// Name servers; `None` for those of the system.
    servers: Option<NameServers>,
    time: Duration,
    current: Mutex<Option<(Versions, Arc<Current>)>>,
}

/// Time of the last change of each of [`FILES`], and its size in bytes.
type Versions = [Option<(SystemTime, u64)>; 2];

/// The configuration, until one of [`FILES`] changes.
struct Current {
    resolver: Resolver<Connections>,
    hosts: Hosts,
}

impl Dns {
    /// Creates the source with these name servers, or the system's; `time` limits a lookup.
    pub(super) fn new(servers: Option<NameServers>, time: Duration) -> Self {
        Self { servers, time, current: Mutex::default() }
    }

    /// Returns the name's addresses, at least one, IPv4 first.
    pub(super) async fn addresses(&self, name: &str, until: Instant) -> Result<Vec<IpAddr>, LookupError> {
        let name = Name::from_ascii(name).map_err(|_| LookupError::InvalidName)?;
        let current = self.current()?;
        let listed = current.listed(&name);
        if !listed.is_empty() {
            return Ok(listed);
        }
        // One after the other: a lookup has one socket at a time, as an attempt has one connection.
        let v4 = self.ask(&current, &name, RecordType::A, until).await;
        if let Err(error @ (LookupError::NoSuchName | LookupError::NotInTime(_))) = v4 {
            return Err(error);
        }
        let v6 = self.ask(&current, &name, RecordType::AAAA, until).await;
        match (v4, v6) {
            (Ok(v4), Ok(v6)) => Ok([v4, v6].concat()),
            (Ok(found), Err(_)) | (Err(_), Ok(found)) => Ok(found),
            (Err(error), Err(_)) => Err(error),
        }
    }

    /// Queries the name's addresses of one type, at least one.
    async fn ask(
        &self,
        current: &Current,
        name: &Name,
        kind: RecordType,
        until: Instant,
    ) -> Result<Vec<IpAddr>, LookupError> {
        let found = match timeout_at(until, current.resolver.lookup(name.clone(), kind)).await {
            Ok(Ok(lookup)) => addresses(&lookup),
            Ok(Err(error)) => return Err(LookupError::of(&error, self.time)),
            Err(_) => return Err(LookupError::NotInTime(self.time)),
        };
        if found.is_empty() { Err(LookupError::NoAddress) } else { Ok(found) }
    }

    fn current(&self) -> Result<Arc<Current>, LookupError> {
        let versions = FILES.map(version);
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        match &*current {
            Some((of, current)) if *of == versions => Ok(Arc::clone(current)),
            _ => {
                let new = Arc::new(Current::read(self.servers.as_ref(), self.time)?);
                *current = Some((versions, Arc::clone(&new)));
                Ok(new)
            }
        }
    }
}

impl fmt::Debug for Dns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dns").field("servers", &self.servers).field("time", &self.time).finish_non_exhaustive()
    }
}

impl Current {
    fn read(servers: Option<&NameServers>, time: Duration) -> Result<Self, LookupError> {
        let mut builder = match servers {
            Some(servers) => {
                with_servers(servers.iter().map(|server| name_server(server.ip(), server.port())).collect())
            }
            // The default of resolv.conf(5) without a file.
            None => Resolver::builder(Connections::default())
                .unwrap_or_else(|_| with_servers(vec![NameServerConfig::udp_and_tcp([127, 0, 0, 1].into())])),
        };
        bound(builder.options_mut(), time);
        let resolver = builder.build().map_err(|error| LookupError::of(&error, time))?;
        Ok(Self { resolver, hosts: Hosts::from_system().unwrap_or_default() })
    }

    /// Returns the addresses in the hosts file. A listed name is not queried, for the other address family either.
    fn listed(&self, name: &Name) -> Vec<IpAddr> {
        let of = |kind| self.hosts.lookup_static_host(&Query::query(name.clone(), kind));
        let lookups = [RecordType::A, RecordType::AAAA].into_iter().filter_map(of);
        lookups.flat_map(|lookup| addresses(&lookup)).collect()
    }
}

/// Sets the limits, and disables the cache.
///
/// The clock of a frozen Lambda environment stands still, and so would the age of a cached response. An open connection
/// needs no lookup, and concurrent lookups of one name share a query.
fn bound(options: &mut ResolverOpts, time: Duration) {
    options.timeout = options.timeout.min(time / TRIES);
    options.cache_size = 0;
    options.use_hosts_file = ResolveHosts::Never; // `Current` reads it
    options.num_concurrent_reqs = 1;
    options.max_active_requests = MAX_OVER_TCP;
}

fn with_servers(servers: Vec<NameServerConfig>) -> ResolverBuilder<Connections> {
    let config = ResolverConfig::from_parts(None, Vec::new(), servers);
    let mut builder = Resolver::builder_with_config(config, Connections::default());
    builder.options_mut().timeout = Duration::MAX;
    builder
}

fn name_server(ip: IpAddr, port: u16) -> NameServerConfig {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
    let at_port = connections.map(|mut connection| {
        connection.port = port;
        connection
    });
    NameServerConfig::new(ip, true, at_port.into())
}

fn addresses(lookup: &hickory_resolver::lookup::Lookup) -> Vec<IpAddr> {
    lookup.answers().iter().filter_map(|record| record.data.ip_addr()).collect()
}

fn version(file: &str) -> Option<(SystemTime, u64)> {
    let found = Path::new(file).metadata().ok()?;
    Some((found.modified().ok()?, found.len()))
}
