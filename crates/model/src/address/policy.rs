//! What a deployment allows to be called: scheme, port and address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::{Network, Networks, Ports, Range, range};
use crate::callbacks::CallbackUrl;

/// What a deployment allows to be called. The default is every scheme and port, and every address on the internet.
#[derive(Clone, Debug, Default)]
pub struct OutboundPolicy {
    /// `ALLOWED_NETWORKS` (default none): networks that may be called although they are not on the internet.
    pub allowed_networks: Networks,
    /// `HTTPS_ONLY` (default false): whether `http` is refused.
    pub https_only: bool,
    /// `ALLOWED_PORTS` (default any).
    pub allowed_ports: Ports,
}

/// Why something may not be called, and how to mend it. Never repeats the URL, nor the address that a name stands for:
/// it would tell whoever asks which addresses there are in a network that is not theirs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    /// `http` where only `https` is allowed.
    #[error("only https may be called here (HTTPS_ONLY); use the receiver's https:// URL")]
    Scheme,
    /// A port that is not allowed.
    #[error("port {port} may not be called here; use one of {allowed}, or have the operator allow it (ALLOWED_PORTS)")]
    Port {
        /// The port.
        port: u16,
        /// Those that are.
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

    /// Judges scheme, port, and the host as far as it tells by itself. Answers the name that is still to be looked up,
    /// and then to be judged with [`Self::check_addresses`], if it is one.
    ///
    /// # Errors
    /// When this may not be called.
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
            // It is loopback whatever a resolver says (RFC 6761, section 6.3), and either family's may be meant.
            let [v4, v6] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()].map(|it| self.refusal(it));
            if let (Some(range), Some(_)) = (v4, v6) {
                return Err(NotAllowed::Name(range));
            }
        }
        Ok(Some(host))
    }

    /// The same for what is configured.
    ///
    /// # Errors
    /// When this may not be called.
    pub fn check_url(&self, url: &CallbackUrl) -> Result<Option<String>, NotAllowed> {
        self.check(url.as_url()).map(|name| name.map(str::to_owned))
    }

    fn check_address(&self, address: IpAddr) -> Result<Option<&'static str>, NotAllowed> {
        self.refusal(address).map_or(Ok(None), |range| Err(NotAllowed::Address(range)))
    }

    /// Judges all that a name stands for: one address that is not allowed is enough.
    ///
    /// # Errors
    /// When the name may not be called.
    pub fn check_addresses(&self, addresses: impl IntoIterator<Item = IpAddr>) -> Result<(), NotAllowed> {
        addresses
            .into_iter()
            .find_map(|address| self.refusal(address))
            .map_or(Ok(()), |range| Err(NotAllowed::Name(range)))
    }

    fn refusal(&self, address: IpAddr) -> Option<&'static Range> {
        range::refusal(address, &self.allowed_networks.0)
    }
}

/// `localhost` and everything below it, in any case, with or without the root's dot.
fn is_localhost(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let last = host.rsplit('.').next().unwrap_or_default();
    last.eq_ignore_ascii_case("localhost")
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
