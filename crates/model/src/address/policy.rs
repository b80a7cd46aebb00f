//! The outbound policy of a deployment: allowed schemes, ports and addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::{Network, Networks, Ports, Range, range};
use crate::callback_url::CallbackUrl;

/// The outbound policy of a deployment. By default every scheme, every port and every address on the internet is
/// allowed.
#[derive(Clone, Debug, Default)]
pub struct OutboundPolicy {
    /// `ALLOWED_NETWORKS` (default none): allowed networks that are not on the internet.
    pub allowed_networks: Networks,
    /// `HTTPS_ONLY` (default false): whether `http` is forbidden.
    pub https_only: bool,
    /// `ALLOWED_PORTS` (default any): the allowed ports.
    pub allowed_ports: Ports,
}

/// Reason why a call is not allowed, and how to fix it.
///
/// It never repeats the URL, nor the address of a name: that would reveal to the caller the addresses of a network that
/// is not theirs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    /// The scheme is `http`, but only `https` is allowed.
    #[error("only https may be called here (HTTPS_ONLY); use the receiver's https:// URL")]
    Scheme,
    /// The port is not allowed.
    #[error("port {port} may not be called here; use one of {allowed}, or have the operator allow it (ALLOWED_PORTS)")]
    Port {
        /// The port.
        port: u16,
        /// The allowed ports.
        allowed: Ports,
    },
    /// The host is an address that is not allowed.
    #[error(
        "the host's address may not be called: {} ({}); use one on the internet, or have the operator allow its network \
         (ALLOWED_NETWORKS)", .0.name, .0.source
    )]
    Address(&'static Range),
    /// The host is a name, and one of its addresses is not allowed.
    #[error(
        "the host name leads to an address that may not be called: {}; use a host on the internet, or have the operator \
         allow its network (ALLOWED_NETWORKS)", .0.name
    )]
    Name(&'static Range),
}

impl OutboundPolicy {
    /// Allows more networks.
    pub fn allow(&mut self, networks: impl IntoIterator<Item = Network>) {
        self.allowed_networks.0.extend(networks);
    }

    /// Checks scheme, port, and the host if it is an address.
    ///
    /// Returns the host name that has to be resolved, if there is one; its addresses are then checked by
    /// [`Self::check_addresses`].
    ///
    /// # Errors
    /// [`NotAllowed`] with the reason.
    pub fn check<'u>(&self, url: &'u Url) -> Result<Option<&'u str>, NotAllowed> {
        if self.https_only && url.scheme() != "https" {
            return Err(NotAllowed::Scheme);
        }
        let port = url.port_or_known_default().unwrap_or(0);
        if !self.allowed_ports.allow(port) {
            return Err(NotAllowed::Port { port, allowed: self.allowed_ports.clone() });
        }
        let host = match url.host() {
            Some(Host::Ipv4(address)) => return self.check_address(address.into()),
            Some(Host::Ipv6(address)) => return self.check_address(address.into()),
            Some(Host::Domain(host)) => host,
            None => "",
        };
        if is_localhost(host) {
            // It is loopback whatever a resolver returns (RFC 6761, section 6.3), in either address family.
            let [v4, v6] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()].map(|it| self.blocked_range(it));
            if let (Some(range), Some(_)) = (v4, v6) {
                return Err(NotAllowed::Name(range));
            }
        }
        Ok(Some(host))
    }

    /// Checks a configured URL, in the same way.
    ///
    /// # Errors
    /// [`NotAllowed`] with the reason.
    pub fn check_url(&self, url: &CallbackUrl) -> Result<Option<String>, NotAllowed> {
        self.check(url.as_url()).map(|name| name.map(str::to_owned))
    }

    fn check_address(&self, address: IpAddr) -> Result<Option<&'static str>, NotAllowed> {
        self.blocked_range(address).map_or(Ok(None), |range| Err(NotAllowed::Address(range)))
    }

    /// Checks all addresses of a host name: a single address that is not allowed is enough for a rejection.
    ///
    /// # Errors
    /// [`NotAllowed::Name`] for the first such address.
    pub fn check_addresses(&self, addresses: impl IntoIterator<Item = IpAddr>) -> Result<(), NotAllowed> {
        addresses
            .into_iter()
            .find_map(|address| self.blocked_range(address))
            .map_or(Ok(()), |range| Err(NotAllowed::Name(range)))
    }

    fn blocked_range(&self, address: IpAddr) -> Option<&'static Range> {
        range::blocked_range(address, &self.allowed_networks.0)
    }
}

/// Returns whether the host is `localhost` or below it, in any case, with or without the root's dot.
fn is_localhost(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let last = host.rsplit('.').next().unwrap_or_default();
    last.eq_ignore_ascii_case("localhost")
}

#[cfg(test)]
mod tests;
