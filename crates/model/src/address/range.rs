//! Whether an address may be called.

use std::net::{IpAddr, Ipv6Addr};

use super::Network;
use super::registry::RANGES;

/// Addresses that are not for calling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// Which ones.
    pub network: Network,
    /// What they are, in words.
    pub name: &'static str,
    /// The document that says so.
    pub source: &'static str,
    /// Whether it takes an allowed network of just this one address to allow it.
    pub(super) only_by_itself: bool,
}

/// Why an address may not be called: the range that it is in. `None` when it may be.
///
/// What is in a network of `allowed` may be called, whatever its range; but a metadata service, which gives its
/// caller's credentials away, only when a network of `allowed` is that one address. IPv4 addresses within IPv6 ones are
/// judged as what they are.
pub fn refusal(address: IpAddr, allowed: &[Network]) -> Option<&'static Range> {
    let address = effective_address(address);
    let range = RANGES.iter().find(|range| range.network.contains(address))?;
    let allows = |network: &Network| network.contains(address) && (network.is_one_address() || !range.only_by_itself);
    (!allowed.iter().any(allows)).then_some(range)
}

/// The IPv4 address that is reached by way of an IPv6 one: mapped (RFC 4291, section 2.5.5.2), which the operating
/// system connects to over IPv4, and `64:ff9b::/96` (RFC 6052), which NAT64 gateways translate. Otherwise the address
/// itself.
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
#[path = "range_tests.rs"]
mod tests;
