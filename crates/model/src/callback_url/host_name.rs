//! Names that no host can have (RFC 1035, section 2.3.4; RFC 1123, section 2.1). Pure.

/// Maximum length of a host name, in characters, without a dot at its end.
const MAX_NAME: usize = 253;

/// Maximum length of a part of a host name, in characters.
const MAX_LABEL: usize = 63;

/// Reason why no host has a name, and how to fix it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHostName {
    /// Two dots follow each other, or a dot comes first.
    #[error("there is nothing between two of its dots, or before the first one")]
    EmptyLabel,
    /// A part has more than 63 characters.
    #[error("one of its parts has {0} characters; at most {MAX_LABEL} are possible between two dots")]
    LongLabel(usize),
    /// The name has more than 253 characters.
    #[error("it has {0} characters; at most {MAX_NAME} are possible")]
    Long(usize),
    /// An asterisk stands for hosts.
    #[error("`*` stands for no host; write one URL for each host")]
    Wildcard,
    /// Another character that names do not have.
    #[error("it has the character {0:?}; a host name has letters, digits, hyphens and dots")]
    Character(char),
}

/// Checks a name in its ASCII form. Underscores are in use, though not in the names of RFC 1123.
pub(super) fn check(name: &str) -> Result<(), InvalidHostName> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_of_a_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    match name.chars().find(|c| !is_of_a_name(*c)) {
        Some('*') => return Err(InvalidHostName::Wildcard),
        Some(character) => return Err(InvalidHostName::Character(character)),
        None => {}
    }
    for label in name.split('.') {
        match label.len() {
            0 => return Err(InvalidHostName::EmptyLabel),
            1..=MAX_LABEL => {}
            long => return Err(InvalidHostName::LongLabel(long)),
        }
    }
    if name.len() > MAX_NAME { Err(InvalidHostName::Long(name.len())) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_a_host_can_have_is_valid() {
        let longest = format!("{}.{}.{}.{}", "a".repeat(63), "b".repeat(63), "c".repeat(63), "d".repeat(61));
        for name in ["h", "a.example", "a.example.", "xn--bcher-kva.example", "_dmarc.a-b.9", "-a-", &longest] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
        assert_eq!(longest.len(), MAX_NAME);
    }

    #[test]
    fn a_name_that_no_host_can_have_says_why() {
        let long = format!("{0}.{0}.{0}.{1}", "a".repeat(63), "d".repeat(62));
        for (name, error) in [
            ("a..b", InvalidHostName::EmptyLabel),
            (".a", InvalidHostName::EmptyLabel),
            ("a..", InvalidHostName::EmptyLabel),
            (".", InvalidHostName::EmptyLabel),
            (&format!("{}.example", "a".repeat(64)), InvalidHostName::LongLabel(64)),
            (&long, InvalidHostName::Long(254)),
            ("*.example", InvalidHostName::Wildcard),
            ("a,b", InvalidHostName::Character(',')),
            ("$(host)", InvalidHostName::Character('$')),
        ] {
            assert_eq!(check(name), Err(error), "{name}");
        }
    }
}
