use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

use http::Uri;
use webhooks_model::address::{Network, Networks, OutboundPolicy, Ports, blocked_range};
use webhooks_model::callback_url::CallbackUrl;

use crate::rfc3986;

/// Checks a host against allowed networks, one a line: an address in any spelling is checked as the address that it is,
/// and only a setting allows one that the standard library knows as private.
pub fn address(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let (host, networks) = text.split_once('\n').unwrap_or((text, ""));
    has_one_text::<Ports>(networks);
    let networks: Networks = networks.parse().unwrap_or_default();
    networks.0.iter().for_each(|network| has_one_text::<Network>(&network.to_string()));
    if let Ok(url) = CallbackUrl::try_from(format!("http://{host}/")) {
        check(&url, networks);
    }
}

fn check(url: &CallbackUrl, networks: Networks) {
    let strict = OutboundPolicy::default();
    let judged = strict.check_url(url);
    let sent: Uri = url.origin().parse().unwrap();
    let connected_to: Option<IpAddr> = sent.host().and_then(|host| host.trim_matches(['[', ']']).parse().ok());
    match connected_to {
        Some(address) => {
            assert_eq!(judged.is_err(), blocked_range(address, &[]).is_some(), "{url} is {address}");
            assert_eq!(blocked_range(address, &[]), blocked_range(canonical(address), &[]), "IPv4 is judged as IPv4");
            assert!(judged.is_err() || !is_private(address), "{url} is {address}");
        }
        None => {
            // A resolver may read as an address what the URL's parser takes for a name.
            let name = sent.host().unwrap_or_default();
            assert_eq!(inet_aton(name), None, "{url}");
        }
    }
    let host = rfc3986::split(url.as_str()).and_then(|parts| rfc3986::decode(parts.host_and_port().0));
    let host = host.and_then(|host| String::from_utf8(host).ok()).unwrap_or_default();
    if let Some(address) = inet_aton(&host) {
        assert_eq!(connected_to, Some(address.into()), "{url}");
    }

    let lenient = OutboundPolicy { allowed_networks: networks.clone(), ..OutboundPolicy::default() };
    assert!(judged.is_err() || lenient.check_url(url).is_ok(), "an allowance takes nothing away");
    if let Some(address) = connected_to.filter(|address| !networks.0.iter().any(|it| it.contains(canonical(*address))))
    {
        assert_eq!(
            blocked_range(address, &networks.0),
            blocked_range(address, &[]),
            "nothing is allowed that is not in a network"
        );
    }
}

fn has_one_text<T: FromStr<Err: std::fmt::Debug> + Display + PartialEq + std::fmt::Debug>(text: &str) {
    let Ok(value) = text.parse::<T>() else { return };
    assert_eq!(value.to_string().parse::<T>().unwrap(), value);
}

/// Converts an IPv6 address to IPv4 where the operating system or a gateway does so.
fn canonical(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) if v6.segments()[..6] == [0x64, 0xff9b, 0, 0, 0, 0] => {
            let [.., a, b, c, d] = v6.octets();
            IpAddr::from([a, b, c, d])
        }
        other => other.to_canonical(),
    }
}

/// Returns whether the standard library knows the address as not public. It knows fewer ranges than the product, but
/// from an independent source.
fn is_private(address: IpAddr) -> bool {
    match canonical(address) {
        IpAddr::V4(it) => {
            it.is_private()
                || it.is_loopback()
                || it.is_link_local()
                || it.is_multicast()
                || it.is_broadcast()
                || it.is_documentation()
                || it.is_unspecified()
        }
        IpAddr::V6(it) => {
            it.is_loopback()
                || it.is_multicast()
                || it.is_unspecified()
                || it.is_unique_local()
                || it.is_unicast_link_local()
        }
    }
}

/// Parses the spellings that `inet_aton` accepts: one to four parts, each decimal, octal or hexadecimal; the last one
/// fills the remaining bytes.
fn inet_aton(host: &str) -> Option<Ipv4Addr> {
    let host = host.strip_suffix('.').unwrap_or(host);
    let parts: Vec<u64> = host.split('.').map(number).collect::<Option<_>>()?;
    let (last, first) = parts.split_last()?;
    if first.len() > 3 || first.iter().any(|part| *part > 255) || *last >= 1 << (8 * (4 - first.len())) {
        return None;
    }
    let high = first.iter().fold(0, |all, part| (all << 8) | part);
    let address = (high << (8 * (4 - first.len()))) | last;
    u32::try_from(address).ok().map(Ipv4Addr::from)
}

fn number(text: &str) -> Option<u64> {
    let (digits, radix) = match text.strip_prefix("0x").or(text.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None if text.len() > 1 && text.starts_with('0') => (&text[1..], 8),
        None => (text, 10),
    };
    let all_digits = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    u64::from_str_radix(digits, radix).ok().filter(|_| all_digits)
}
