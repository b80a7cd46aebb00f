use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;

use super::*;

/// Returns the name of the range for which an address is rejected; `-` if it is allowed.
fn name(address: &str, allowed: &[&str]) -> &'static str {
    let allowed: Vec<Network> = allowed.iter().map(|network| network.parse().unwrap()).collect();
    blocked_range(address.parse().expect(address), &allowed).map_or("-", |range| range.name)
}

#[test]
fn each_range_is_refused_from_its_first_address_to_its_last_and_no_further() {
    let mut tested = BTreeSet::new();
    let mut addresses = 0;
    let table = include_str!("../../../tests/data/ranges.txt");
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let mut cells = line.split(" | ");
        tested.insert(cells.next().unwrap().to_owned());
        let checked: Vec<_> = cells.filter(|cell| *cell != "none").filter_map(|cell| cell.split_once(' ')).collect();
        for (address, expected) in &checked {
            assert_eq!(name(address, &[]), *expected, "{address} beside or in {line}");
        }
        assert!(checked.len() >= 3, "{line}");
        addresses += checked.len();
    }
    let ranges: BTreeSet<_> = RANGES.iter().map(|range| range.network.to_string()).collect();
    assert_eq!(tested, ranges, "each range has its line in tests/data/ranges.txt");
    println!("{} ranges refused, {addresses} addresses at their edges checked", ranges.len());
}

#[test]
fn the_internet_may_be_called() {
    for address in ["1.1.1.1", "8.8.8.8", "192.31.196.1", "192.52.193.1", "2606:4700::1111", "2620:4f:8000::1"] {
        assert_eq!(name(address, &[]), "-", "{address}");
    }
    assert_eq!(name("::ffff:8.8.8.8", &[]), "-", "it is 8.8.8.8");
    assert_eq!(name("64:ff9b::8.8.8.8", &[]), "-", "it is 8.8.8.8 behind a NAT64 gateway");
}

#[test]
fn an_allowed_network_may_be_called_and_nothing_beside_it() {
    let allowed = ["10.1.0.0/16", "fd12::/16", "127.0.0.0/8"];
    assert_eq!((name("10.1.2.3", &allowed), name("10.2.0.0", &allowed)), ("-", "private use"));
    assert_eq!((name("fd12::1", &allowed), name("fd13::1", &allowed)), ("-", "unique local"));
    assert_eq!(name("::ffff:10.1.2.3", &allowed), "-");
    assert_eq!(name("64:ff9b::127.0.0.1", &["64:ff9b:1::/48"]), "loopback");
    assert_eq!(name("::127.0.0.1", &allowed), "IPv4-compatible (deprecated)", "it is no address of IPv4");
    assert_eq!(name("::ffff:127.0.0.1", &["::/0"]), "loopback", "IPv4 is allowed by IPv4 networks alone");
}

#[test]
fn a_metadata_service_is_allowed_only_by_a_network_that_is_this_one_address() {
    let metadata = || RANGES.iter().filter(|range| range.only_by_itself);
    // Metadata services with addresses of their own, in either family.
    let of_clouds = [
        "169.254.169.254",
        "169.254.170.2",
        "169.254.170.23",
        "168.63.129.16",
        "100.100.100.200",
        "192.0.0.192",
        "169.254.0.23",
        "169.254.42.42",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",
        "fd00:c1::a9fe:a9fe",
        "fd00:42::42",
        "fe80::a9fe:a9fe",
    ];
    let known: BTreeSet<_> = metadata().map(|range| range.network.to_string()).collect();
    for address in of_clouds {
        let address: IpAddr = address.parse().unwrap();
        let alone = format!("{address}/{}", if address.is_ipv4() { 32 } else { 128 });
        assert!(known.contains(&alone), "{address}");
        // The network that an operator would allow around it.
        let around = match address {
            IpAddr::V4(v4) => format!("{}.{}.0.0/16", v4.octets()[0], v4.octets()[1]),
            IpAddr::V6(v6) => format!("{:x}::/16", v6.segments()[0]),
        };
        assert_eq!(name(&address.to_string(), &[&around]), "a cloud's metadata service", "{address} in {around}");
        assert_eq!(name(&address.to_string(), &[&around, &alone]), "-", "{address} by itself");
    }
    assert_eq!(known.len(), of_clouds.len());
    for range in metadata() {
        let network = range.network.to_string();
        let address = network.split('/').next().unwrap();
        assert_eq!(name(address, &["0.0.0.0/0", "::/0"]), range.name, "{address}");
        assert_eq!(name(address, &[&network]), "-", "{address}");
    }
}

proptest! {
    #[test]
    fn an_ipv4_address_is_judged_alike_however_it_is_embedded(bits: u32, second: u8, third: u16) {
        // Mostly near an edge, where mistakes are likely.
        let near = RANGES[usize::from(second) % RANGES.len()].network;
        let bits = match near.to_string().split_once('/').and_then(|(first, _)| first.parse::<Ipv4Addr>().ok()) {
            Some(first) if second % 3 != 0 => u32::from(first).wrapping_add(u32::from(third)).wrapping_sub(0x7fff),
            _ => bits,
        };
        let plain = blocked_range(IpAddr::V4(bits.into()), &[]);
        for prefix in [0xffff_u128 << 32, 0x64_ff9b_u128 << 96] {
            prop_assert_eq!(blocked_range(IpAddr::V6((prefix | u128::from(bits)).into()), &[]), plain);
        }
    }

    #[test]
    fn no_ipv6_address_outside_of_global_unicast_is_called(bits: u128) {
        let address = Ipv6Addr::from(bits);
        let embedded = effective_address(address.into()).is_ipv4();
        let unicast = bits >> 125 == 1;
        prop_assert!(unicast || embedded || blocked_range(address.into(), &[]).is_some());
    }
}
