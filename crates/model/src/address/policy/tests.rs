use proptest::prelude::*;

use super::*;

fn checked(policy: &OutboundPolicy, url: &str) -> Result<Option<String>, NotAllowed> {
    policy.check_url(&CallbackUrl::try_from(url.to_owned()).expect(url))
}

fn error_text(policy: &OutboundPolicy, url: &str) -> String {
    checked(policy, url).expect_err(url).to_string()
}

#[test]
fn an_error_says_why_and_how_to_fix_it() {
    let strict = OutboundPolicy {
        https_only: true,
        allowed_ports: "443,8000-8999".parse().unwrap(),
        ..OutboundPolicy::default()
    };
    insta::assert_snapshot!(error_text(&strict, "http://example.com/"), @"only https may be called here (HTTPS_ONLY); use the receiver's https:// URL");
    insta::assert_snapshot!(error_text(&strict, "https://example.com:22/"), @"port 22 may not be called here; use one of 443, 8000-8999, or have the operator allow it (ALLOWED_PORTS)");
    insta::assert_snapshot!(error_text(&OutboundPolicy::default(), "http://0x7f.1/"), @"the host's address may not be called: loopback (RFC 1122, section 3.2.1.3); use one on the internet, or have the operator allow its network (ALLOWED_NETWORKS)");
    insta::assert_snapshot!(error_text(&OutboundPolicy::default(), "http://[fd00:ec2::254]/"), @"the host's address may not be called: a cloud's metadata service (AWS); use one on the internet, or have the operator allow its network (ALLOWED_NETWORKS)");
    insta::assert_snapshot!(error_text(&OutboundPolicy::default(), "http://localhost/"), @"the host name leads to an address that may not be called: loopback; use a host on the internet, or have the operator allow its network (ALLOWED_NETWORKS)");
}

#[test]
fn a_name_is_still_to_be_looked_up_and_an_address_is_not() {
    let policy = OutboundPolicy::default();
    assert_eq!(checked(&policy, "https://Example.com:8443/x"), Ok(Some("example.com".to_owned())));
    assert_eq!(checked(&policy, "https://8.8.8.8/x"), Ok(None));
    assert_eq!(checked(&policy, "https://[2606:4700::1111]/x"), Ok(None));
    assert_eq!(checked(&policy, "https://localhost.example/"), Ok(Some("localhost.example".to_owned())));
}

#[test]
fn a_port_that_is_not_written_is_the_schemes() {
    let only = |ports: &str| OutboundPolicy { allowed_ports: ports.parse().unwrap(), ..OutboundPolicy::default() };
    assert!(checked(&only("443"), "https://example.com/").is_ok());
    assert!(checked(&only("443"), "http://example.com/").is_err());
    assert!(checked(&only("80"), "http://example.com/").is_ok());
    assert!(checked(&only("80"), "http://example.com:81/").is_err());
}

#[test]
fn one_address_that_is_not_allowed_is_enough() {
    let policy = OutboundPolicy::default();
    let checked = |addresses: &[&str]| policy.check_addresses(addresses.iter().map(|address| address.parse().unwrap()));
    assert_eq!(checked(&["8.8.8.8", "2606:4700::1111"]), Ok(()));
    assert!(checked(&["8.8.8.8", "10.0.0.1"]).is_err());
    assert!(checked(&["8.8.8.8", "::1"]).is_err());
    assert!(checked(&["::ffff:10.0.0.1"]).is_err());
}

#[test]
fn localhost_is_looked_up_where_one_of_its_addresses_is_allowed() {
    let mut policy = OutboundPolicy::default();
    assert!(checked(&policy, "http://x.LocalHost./").is_err());
    policy.allow(["127.0.0.1/32".parse().unwrap()]);
    assert_eq!(checked(&policy, "http://localhost/"), Ok(Some("localhost".to_owned())));
}

/// Returns notations of an IPv4 address that the WHATWG URL Standard, and thereby browsers and `curl`, accept.
fn spellings(bits: u32) -> Vec<String> {
    let [a, b, c, d] = bits.to_be_bytes();
    let (low24, low16) = (bits & 0x00ff_ffff, bits & 0xffff);
    vec![
        format!("{a}.{b}.{c}.{d}"),
        format!("{a}.{b}.{c}.{d}."),
        format!("{bits}"),
        format!("{bits:#x}"),
        format!("0X{bits:X}"),
        format!("0{bits:o}"),
        format!("{a:#x}.{b:#x}.{c:#x}.{d:#x}"),
        format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
        format!("{a}.{low24}"),
        format!("{a:#x}.0{low24:o}"),
        format!("{a}.{b}.{low16}"),
        format!("0{a:o}.{b}.{low16:#x}"),
        format!("{a}%2e{b}.{c}%2E{d}"),
        format!("[::ffff:{a}.{b}.{c}.{d}]"),
        format!("[::FFFF:{:X}:{low16:x}]", bits >> 16),
        format!("[0:0:0:0:0:ffff:{:04x}:{low16:04x}]", bits >> 16),
        format!("[64:ff9b::{a}.{b}.{c}.{d}]"),
        format!("[0064:ff9b:0:0:0:0:{:x}:{low16:x}]", bits >> 16),
    ]
}

/// Generates addresses of which about half are forbidden.
fn any_ipv4() -> impl Strategy<Value = u32> {
    let private = any::<u32>().prop_map(|bits| 10 << 24 | bits >> 8);
    let metadata = any::<u8>().prop_map(|d| 0xa9fe_a900 | u32::from(d));
    prop_oneof![any::<u32>(), private, metadata]
}

proptest! {
    #[test]
    fn every_spelling_of_an_ipv4_address_is_judged_as_the_address(bits in any_ipv4()) {
        let policy = OutboundPolicy::default();
        let plain = range::blocked_range(IpAddr::V4(bits.into()), &[]);
        for host in spellings(bits) {
            let expected = plain.map_or(Ok(None), |range| Err(NotAllowed::Address(range)));
            prop_assert_eq!(checked(&policy, &format!("http://{host}/")), expected, "{}", host);
        }
    }

    #[test]
    fn every_spelling_of_an_ipv6_address_is_judged_as_the_address(bits: u128, near: bool) {
        let bits = if near { bits >> 64 | 0xfd00_0ec2 << 96 } else { bits };
        let address = Ipv6Addr::from(bits);
        let groups = address.segments();
        let long = groups.map(|group| format!("{group:04X}")).join(":");
        let [.., a, b, c, d] = address.octets();
        let mixed = groups[..6].iter().map(|group| format!("{group:x}:")).collect::<String>() + &format!("{a}.{b}.{c}.{d}");
        let expected = range::blocked_range(address.into(), &[]).map_or(Ok(None), |range| Err(NotAllowed::Address(range)));
        for host in [address.to_string(), long, mixed] {
            prop_assert_eq!(checked(&OutboundPolicy::default(), &format!("http://[{host}]/")), expected.clone(), "{}", host);
        }
    }
}
