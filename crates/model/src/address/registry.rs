//! The forbidden ranges. The first one that matches applies.
//!
//! The source are IANA's IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890, updated by RFC 8190), up to RFC
//! 9780: every range that they do not call globally reachable. In addition:
//! - multicast, and all IPv6 that is not global unicast (IANA's IPv6 Address Space registry);
//! - `192.0.0.0/24` and `2001::/23` as a whole, although a few anycast addresses in them are globally reachable: they
//!   are no receivers;
//! - the clouds' metadata services, of which two have public addresses.
//!
//! The registries' AS112 and AMT networks outside of these are globally reachable, and are allowed.

use super::Network;

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

const METADATA: &str = "a cloud's metadata service";
const PRIVATE: &str = "private use";
const DOCUMENTATION: &str = "documentation";
const NOT_UNICAST: &str = "outside the global unicast space";

pub(super) const RANGES: &[Range] = &[
    metadata(Network::v4([169, 254, 169, 254], 32), "AWS, Azure, Google Cloud and others"),
    metadata(Network::v4([169, 254, 170, 2], 32), "Amazon ECS, credentials"),
    metadata(Network::v4([169, 254, 170, 23], 32), "Amazon EKS, credentials"),
    metadata(Network::v4([169, 254, 0, 23], 32), "Tencent Cloud"),
    metadata(Network::v4([169, 254, 42, 42], 32), "Scaleway"),
    metadata(Network::v4([168, 63, 129, 16], 32), "Azure, WireServer"),
    metadata(Network::v4([100, 100, 100, 200], 32), "Alibaba Cloud"),
    metadata(Network::v4([192, 0, 0, 192], 32), "Oracle Cloud"),
    range(Network::v4([0, 0, 0, 0], 8), "this network", "RFC 791, section 3.2"),
    range(Network::v4([10, 0, 0, 0], 8), PRIVATE, "RFC 1918"),
    range(Network::v4([100, 64, 0, 0], 10), "shared address space (carrier-grade NAT)", "RFC 6598"),
    range(Network::v4([127, 0, 0, 0], 8), "loopback", "RFC 1122, section 3.2.1.3"),
    range(Network::v4([169, 254, 0, 0], 16), "link-local", "RFC 3927"),
    range(Network::v4([172, 16, 0, 0], 12), PRIVATE, "RFC 1918"),
    range(Network::v4([192, 0, 0, 0], 24), "IETF protocol assignments", "RFC 6890, section 2.1"),
    range(Network::v4([192, 0, 2, 0], 24), DOCUMENTATION, "RFC 5737"),
    range(Network::v4([192, 88, 99, 0], 24), "6to4 relay anycast (deprecated)", "RFC 7526"),
    range(Network::v4([192, 168, 0, 0], 16), PRIVATE, "RFC 1918"),
    range(Network::v4([198, 18, 0, 0], 15), "benchmarking", "RFC 2544"),
    range(Network::v4([198, 51, 100, 0], 24), DOCUMENTATION, "RFC 5737"),
    range(Network::v4([203, 0, 113, 0], 24), DOCUMENTATION, "RFC 5737"),
    range(Network::v4([224, 0, 0, 0], 4), "multicast", "RFC 5771"),
    range(Network::v4([255, 255, 255, 255], 32), "limited broadcast", "RFC 919"),
    range(Network::v4([240, 0, 0, 0], 4), "reserved", "RFC 1112, section 4"),
    metadata(Network::v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254], 128), "AWS"),
    metadata(Network::v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23], 128), "Amazon EKS, credentials"),
    metadata(Network::v6([0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254], 128), "Google Cloud"),
    metadata(Network::v6([0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42], 128), "Scaleway"),
    metadata(Network::v6([0xfd00, 0xc1, 0, 0, 0, 0, 0xa9fe, 0xa9fe], 128), "Oracle Cloud"),
    metadata(Network::v6([0xfe80, 0, 0, 0, 0, 0, 0xa9fe, 0xa9fe], 128), "OpenStack"),
    range(Network::v6([0, 0, 0, 0, 0, 0, 0, 0], 128), "the unspecified address", "RFC 4291, section 2.5.2"),
    range(Network::v6([0, 0, 0, 0, 0, 0, 0, 1], 128), "loopback", "RFC 4291, section 2.5.3"),
    range(Network::v6([0, 0, 0, 0, 0, 0, 0, 0], 96), "IPv4-compatible (deprecated)", "RFC 4291, section 2.5.5.1"),
    range(Network::v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48), "local-use IPv4/IPv6 translation", "RFC 8215"),
    range(Network::v6([0x100, 0, 0, 0, 0, 0, 0, 0], 64), "discard-only", "RFC 6666"),
    range(Network::v6([0x100, 0, 0, 1, 0, 0, 0, 0], 64), "dummy prefix", "RFC 9780"),
    range(Network::v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 32), "Teredo", "RFC 4380"),
    range(Network::v6([0x2001, 2, 0, 0, 0, 0, 0, 0], 48), "benchmarking", "RFC 5180"),
    range(Network::v6([0x2001, 0x10, 0, 0, 0, 0, 0, 0], 28), "ORCHID (deprecated)", "RFC 4843"),
    range(Network::v6([0x2001, 0x20, 0, 0, 0, 0, 0, 0], 28), "ORCHIDv2", "RFC 7343"),
    range(Network::v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), "IETF protocol assignments", "RFC 2928"),
    range(Network::v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), DOCUMENTATION, "RFC 3849"),
    range(Network::v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16), "6to4", "RFC 3056"),
    range(Network::v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), DOCUMENTATION, "RFC 9637"),
    range(Network::v6([0x5f00, 0, 0, 0, 0, 0, 0, 0], 16), "segment routing (SRv6)", "RFC 9602"),
    range(Network::v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7), "unique local", "RFC 4193"),
    range(Network::v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10), "link-local", "RFC 4291, section 2.5.6"),
    range(Network::v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10), "site-local (deprecated)", "RFC 3879"),
    range(Network::v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8), "multicast", "RFC 4291, section 2.7"),
    range(Network::v6([0, 0, 0, 0, 0, 0, 0, 0], 3), NOT_UNICAST, "RFC 4291, section 2.4"),
    range(Network::v6([0x4000, 0, 0, 0, 0, 0, 0, 0], 2), NOT_UNICAST, "RFC 4291, section 2.4"),
    range(Network::v6([0x8000, 0, 0, 0, 0, 0, 0, 0], 1), NOT_UNICAST, "RFC 4291, section 2.4"),
];

const fn range(network: Network, name: &'static str, source: &'static str) -> Range {
    Range { network, name, source, only_by_itself: false }
}

const fn metadata(network: Network, whose: &'static str) -> Range {
    Range { network, name: METADATA, source: whose, only_by_itself: true }
}
