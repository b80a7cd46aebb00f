//! The allowed ports.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// Ports and ranges of ports, separated by commas, such as `443,8000-8999`; any port if empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ports(Vec<RangeInclusive<u16>>);

/// Error for a text that is not a list of ports.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a port; write ports from 1 to 65535 and ranges of them, separated by commas, such as 443,8000-8999"
)]
pub struct InvalidPorts(String);

impl Ports {
    /// Returns whether the port is allowed.
    pub fn allow(&self, port: u16) -> bool {
        self.0.is_empty() || self.0.iter().any(|range| range.contains(&port))
    }
}

impl FromStr for Ports {
    type Err = InvalidPorts;

    fn from_str(text: &str) -> Result<Self, InvalidPorts> {
        let listed = text.split(',').map(str::trim).filter(|range| !range.is_empty());
        listed
            .map(|range| parse(range).ok_or_else(|| InvalidPorts(range.to_owned())))
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

fn parse(text: &str) -> Option<RangeInclusive<u16>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let port = |text: &str| text.trim().parse().ok().filter(|port| *port != 0);
    let (first, last) = (port(first)?, port(last)?);
    (first <= last).then_some(first..=last)
}

impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, range) in self.0.iter().enumerate() {
            let comma = if n == 0 { "" } else { ", " };
            match range.start() == range.end() {
                true => write!(f, "{comma}{}", range.start())?,
                false => write!(f, "{comma}{}-{}", range.start(), range.end())?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_and_ranges_are_allowed_and_their_neighbours_are_not() {
        let ports: Ports = "443, 8000-8002,".parse().unwrap();
        let allowed: Vec<_> = (0..=u16::MAX).filter(|port| ports.allow(*port)).collect();
        assert_eq!(allowed, [443, 8000, 8001, 8002]);
        assert_eq!(ports.to_string(), "443, 8000-8002");
    }

    #[test]
    fn none_listed_is_any() {
        let any: Ports = "".parse().unwrap();
        assert!((1..=u16::MAX).all(|port| any.allow(port)));
    }

    #[test]
    fn what_is_no_port_is_named() {
        for (text, named) in
            [("443,0", "0"), ("65536", "65536"), ("https", "https"), ("90-80", "90-80"), ("80-", "80-")]
        {
            assert_eq!(text.parse::<Ports>(), Err(InvalidPorts(named.to_owned())), "{text}");
        }
    }
}
