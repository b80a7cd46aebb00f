//! Name servers by address.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// The port of DNS (RFC 1035, section 4.2).
const PORT: u16 = 53;

/// Addresses of name servers, at least one, in order of preference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameServers(Vec<SocketAddr>);

/// Error for a text that is not a list of name servers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not an address of a name server; give IP addresses with commas between them, such as 10.0.0.2,[fd00::2]:5353"
)]
pub struct InvalidNameServers(String);

impl NameServers {
    pub(super) fn iter(&self) -> impl Iterator<Item = &SocketAddr> {
        self.0.iter()
    }
}

impl From<SocketAddr> for NameServers {
    fn from(server: SocketAddr) -> Self {
        Self(vec![server])
    }
}

impl FromStr for NameServers {
    type Err = InvalidNameServers;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let server = |part: &str| {
            let address = part.parse().or_else(|_| part.parse().map(|ip: IpAddr| SocketAddr::new(ip, PORT)));
            address.map_err(|_| InvalidNameServers(part.to_owned()))
        };
        text.split(',').map(|part| server(part.trim())).collect::<Result<_, _>>().map(Self)
    }
}

impl fmt::Display for NameServers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let servers: Vec<_> = self.0.iter().map(SocketAddr::to_string).collect();
        f.write_str(&servers.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_addresses_and_ports_that_default_to_that_of_dns() {
        let shown = |text: &str| text.parse::<NameServers>().map(|servers| servers.to_string());
        assert_eq!(shown("10.0.0.2").as_deref(), Ok("10.0.0.2:53"));
        assert_eq!(shown("10.0.0.2:5353, ::1,[fd00::2]:54").as_deref(), Ok("10.0.0.2:5353,[::1]:53,[fd00::2]:54"));
        for (text, part) in [("", ""), ("10.0.0.2,", ""), ("ns.example", "ns.example"), ("10.0.0.2:x", "10.0.0.2:x")] {
            assert_eq!(shown(text), Err(InvalidNameServers(part.to_owned())));
        }
    }
}
