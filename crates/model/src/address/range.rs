//! The check of an address against the forbidden ranges.

use std::net::{IpAddr, Ipv6Addr};

use super::Network;
use super::registry::RANGES;

/// A range of addresses that is not called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The network.
    pub network: Network,
    /// Name of the range.
    pub name: &'static str,
    /// The document that defines the range.
    pub source: &'static str,
    /// Whether only an allowed network of exactly this address allows it.
    pub(super) only_by_itself: bool,
}

/// Returns the forbidden range of an address; `None` if the address is allowed.
///
/// An address in a network of `allowed` is allowed, whatever its range. The exception are metadata services, which
/// reveal their caller's credentials: they are allowed only by a network of exactly that address. IPv4 addresses
/// embedded in IPv6 ones are checked as IPv4 addresses.
pub fn blocked_range(address: IpAddr, allowed: &[Network]) -> Option<&'static Range> {
    let address = effective_address(address);
    let range = RANGES.iter().find(|range| range.network.contains(address))?;
    let allows = |network: &Network| network.contains(address) && (network.is_one_address() || !range.only_by_itself);
    (!allowed.iter().any(allows)).then_some(range)
}

/// Returns the IPv4 address that is reached through an IPv6 one, otherwise the address itself.
///
/// These are mapped addresses (RFC 4291, section 2.5.5.2), which the operating system connects to over IPv4, and
/// `64:ff9b::/96` (RFC 6052), which NAT64 gateways translate.
pub(super) fn effective_address(address: IpAddr) -> IpAddr {
    const MAPPED: Network = Network::v6([0, 0, 0, 0, 0, 0xffff, 0, 0], 96);
    const NAT64: Network = Network::v6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96);
    match address {
        IpAddr::V6(v6) if MAPPED.contains(address) || NAT64.contains(address) => last_32_bits(v6),
        _ => address,
    }
}

fn last_32_bits(address: Ipv6Addr) -> IpAddr {
    let [.., a, b, c, d] = address.octets();
    IpAddr::from([a, b, c, d])
}

#[cfg(test)]
mod tests;
