//! The check of an address against the forbidden ranges.

use std::net::IpAddr;

use super::network::{Network, effective_address};
use super::registry::{RANGES, Range};

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

#[cfg(test)]
mod tests;
