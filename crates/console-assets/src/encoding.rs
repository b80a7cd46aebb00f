//! Chooses the content coding of a response (RFC 9110, section 12.5.3).

use crate::files::File;
use axum::http::{HeaderMap, header::ACCEPT_ENCODING};

/// Chooses between Brotli and gzip by the caller's weights; with equal weights Brotli, which is smaller. A caller that
/// accepts neither gets the plain file.
pub(crate) fn choose(file: &'static File, headers: &HeaderMap) -> (Option<&'static str>, &'static [u8]) {
    let offers = [("br", file.brotli), ("gzip", file.gzip)];
    let mut chosen = (None, file.plain, 0.0);
    for (coding, bytes) in offers {
        let Some(bytes) = bytes else { continue };
        let liking = liking(headers, coding);
        if liking > chosen.2 {
            chosen = (Some(coding), bytes, liking);
        }
    }
    (chosen.0, chosen.1)
}

/// Returns the caller's weight for a coding, from 0 (not accepted, or not named) to 1.
fn liking(headers: &HeaderMap, coding: &str) -> f32 {
    let lists = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut any = 0.0;
    for (name, liking) in lists.flat_map(|list| list.split(',')).map(weighted) {
        if name.eq_ignore_ascii_case(coding) {
            return liking;
        }
        if name == "*" {
            any = liking;
        }
    }
    any
}

/// Splits a coding from its weight: `br`, `gzip;q=0.5`. An invalid weight counts as 0.
fn weighted(entry: &str) -> (&str, f32) {
    let Some((name, weight)) = entry.split_once(';') else { return (entry.trim(), 1.0) };
    let weight = weight.trim().strip_prefix(['q', 'Q']).and_then(|weight| weight.trim_start().strip_prefix('='));
    let weight = weight.and_then(|weight| weight.trim().parse().ok()).filter(|weight| (0.0..=1.0).contains(weight));
    (name.trim(), weight.unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    static FILE: File = File {
        path: "/a.js",
        content_type: "text/javascript",
        tag: "a",
        plain: b"plain",
        brotli: Some(b"br"),
        gzip: Some(b"gzip"),
    };

    fn chosen(lists: &[&str]) -> &'static str {
        let headers = lists.iter().map(|list| (ACCEPT_ENCODING, list.parse().unwrap())).collect();
        let (coding, bytes) = choose(&FILE, &headers);
        assert_eq!(bytes, coding.unwrap_or("plain").as_bytes());
        coding.unwrap_or("plain")
    }

    #[test]
    fn brotli_is_sent_to_who_takes_it_then_gzip() {
        for list in ["gzip, deflate, br, zstd", "br", "BR", "*", "gzip;q=0.5, *", "br;q=1.0,gzip"] {
            assert_eq!(chosen(&[list]), "br", "{list}");
        }
        for list in ["gzip", "gzip, deflate", "br;q=0, gzip", "br; q=0.1, gzip; q=0.9", "br;q=0, *", "br;q=x, gzip"] {
            assert_eq!(chosen(&[list]), "gzip", "{list}");
        }
        assert_eq!(chosen(&["gzip", "br"]), "br", "a list may come in several headers");
    }

    #[test]
    fn nothing_is_compressed_for_who_does_not_take_it() {
        for list in ["", "identity", "deflate", "br;q=0, gzip;q=0", "*;q=0", "br;q=NaN", "br;q=2"] {
            assert_eq!(chosen(&[list]), "plain", "{list}");
        }
        assert_eq!(chosen(&[]), "plain");
    }
}
