//! Networks in CIDR notation (RFC 4632, RFC 4291 section 2.3).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A network: all addresses of one family that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network {
    first: IpAddr,
    prefix: u8,
}

/// A list of networks, separated by commas in a setting; may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(pub Vec<Network>);

/// Reason why a text is not a valid [`Network`], and how to fix it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNetwork {
    /// The text is not an address and a prefix.
    #[error("{0:?} is not a network; write ADDRESS/PREFIX, such as 10.1.0.0/16, 10.1.2.3/32 or fd12:3456::/32")]
    Syntax(String),
    /// The prefix has more bits than the family's addresses.
    #[error("{0:?} has no valid prefix; it is 0 to 32 for IPv4 and 0 to 128 for IPv6")]
    Prefix(String),
    /// The address is not the first one of the network.
    #[error("{text:?} has bits set beyond its prefix; write {network} for the network or {address} for that address")]
    HostBits {
        /// The text as given.
        text: String,
        /// The network that contains the address.
        network: Network,
        /// The network of this address alone.
        address: Network,
    },
    /// An IPv4-mapped IPv6 network.
    #[error("{0:?} holds IPv4 addresses, which are checked as such; write the IPv4 network")]
    Embedded(String),
}

impl Network {
    pub(super) const fn v4([a, b, c, d]: [u8; 4], prefix: u8) -> Self {
        Self { first: IpAddr::V4(Ipv4Addr::new(a, b, c, d)), prefix }
    }

    pub(super) const fn v6([a, b, c, d, e, f, g, h]: [u16; 8], prefix: u8) -> Self {
        Self { first: IpAddr::V6(Ipv6Addr::new(a, b, c, d, e, f, g, h)), prefix }
    }

    /// Returns whether the network contains the address. It contains none of the other family.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.first, address) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                let differing = u32::from(first) ^ u32::from(address);
                differing.leading_zeros() >= u32::from(self.prefix)
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                let differing = u128::from(first) ^ u128::from(address);
                differing.leading_zeros() >= u32::from(self.prefix)
            }
            _ => false,
        }
    }

    /// Returns whether the network is a single address.
    pub fn is_one_address(&self) -> bool {
        self.prefix == bits(self.first)
    }

    /// Returns the network of this prefix length that contains the address.
    fn around(address: IpAddr, prefix: u8) -> Self {
        let first = match address {
            IpAddr::V4(address) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
                IpAddr::V4((u32::from(address) & mask).into())
            }
            IpAddr::V6(address) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
                IpAddr::V6((u128::from(address) & mask).into())
            }
        };
        Self { first, prefix }
    }
}

fn bits(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

impl FromStr for Network {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let syntax = || InvalidNetwork::Syntax(text.to_owned());
        let (address, prefix) = text.split_once('/').ok_or_else(syntax)?;
        let address: IpAddr = address.parse().map_err(|_| syntax())?;
        let in_bounds = |given: &u8| *given <= bits(address) && given.to_string() == prefix;
        let given: u8 = prefix.parse().ok().filter(in_bounds).ok_or_else(|| InvalidNetwork::Prefix(text.to_owned()))?;
        if effective_address(address) != address {
            return Err(InvalidNetwork::Embedded(text.to_owned()));
        }
        let network = Self::around(address, given);
        if network.first == address {
            return Ok(network);
        }
        let address = Self { first: address, prefix: bits(address) };
        Err(InvalidNetwork::HostBits { text: text.to_owned(), network, address })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.prefix)
    }
}

impl FromStr for Networks {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let listed = text.split(',').map(str::trim).filter(|network| !network.is_empty());
        listed.map(Network::from_str).collect::<Result<_, _>>().map(Self)
    }
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn error_text(text: &str) -> String {
        text.parse::<Network>().expect_err(text).to_string()
    }

    #[test]
    fn an_error_says_how_to_fix_it() {
        insta::assert_snapshot!(error_text("10.0.0.0"), @r#""10.0.0.0" is not a network; write ADDRESS/PREFIX, such as 10.1.0.0/16, 10.1.2.3/32 or fd12:3456::/32"#);
        insta::assert_snapshot!(error_text("intranet/8"), @r#""intranet/8" is not a network; write ADDRESS/PREFIX, such as 10.1.0.0/16, 10.1.2.3/32 or fd12:3456::/32"#);
        insta::assert_snapshot!(error_text("10.1.2.3/8"), @r#""10.1.2.3/8" has bits set beyond its prefix; write 10.0.0.0/8 for the network or 10.1.2.3/32 for that address"#);
        insta::assert_snapshot!(error_text("fd12::1/16"), @r#""fd12::1/16" has bits set beyond its prefix; write fd12::/16 for the network or fd12::1/128 for that address"#);
        insta::assert_snapshot!(error_text("10.0.0.0/33"), @r#""10.0.0.0/33" has no valid prefix; it is 0 to 32 for IPv4 and 0 to 128 for IPv6"#);
        insta::assert_snapshot!(error_text("10.0.0.0/+8"), @r#""10.0.0.0/+8" has no valid prefix; it is 0 to 32 for IPv4 and 0 to 128 for IPv6"#);
        insta::assert_snapshot!(error_text("::ffff:10.0.0.0/104"), @r#""::ffff:10.0.0.0/104" holds IPv4 addresses, which are checked as such; write the IPv4 network"#);
    }

    #[test]
    fn a_list_is_separated_by_commas_and_blanks_do_not_count() {
        let networks: Networks = " 10.0.0.0/8, ::1/128 ,,0.0.0.0/0".parse().unwrap();
        assert_eq!(
            networks.0.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["10.0.0.0/8", "::1/128", "0.0.0.0/0"]
        );
        assert_eq!("".parse(), Ok(Networks::default()));
        assert!("10.0.0.0/8;::1/128".parse::<Networks>().is_err());
    }

    proptest! {
        #[test]
        fn a_network_has_the_addresses_that_begin_with_its_bits(first: u32, other: u32, prefix in 0..=32_u8) {
            let network = Network::around(IpAddr::V4(first.into()), prefix);
            let same = (0..u32::from(prefix)).all(|bit| (first ^ other) & (1 << (31 - bit)) == 0);
            prop_assert_eq!(network.contains(IpAddr::V4(other.into())), same);
            prop_assert!(network.contains(IpAddr::V4(first.into())));
            prop_assert_eq!(network.to_string().parse(), Ok(network));
        }
    }
}
