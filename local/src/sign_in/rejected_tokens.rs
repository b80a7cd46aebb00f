//! The log of rejected tokens: enough to find the cause, but never the token, and no line for each of a flood.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};
use std::fmt::Display;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Number of lines a [`MINUTE`]; further rejections are counted, and the first line of a later minute has their number.
const LINES: u64 = 10;
const MINUTE: Duration = Duration::from_secs(60);

/// Length to which an issuer's or a key's name is cut, in characters.
const SHOWN: usize = 200;

/// Log of rejections at a bounded rate.
#[derive(Default)]
pub(super) struct RejectedTokens(Mutex<Window>);

/// Rejections of a minute.
#[derive(Default)]
struct Window {
    began: Option<Instant>,
    count: u64,
}

impl RejectedTokens {
    /// Logs that a token is rejected, if this minute has a line left.
    pub(super) fn log(&self, reason: &dyn Display, token: &str) {
        let line = self.0.lock().unwrap_or_else(PoisonError::into_inner).line(Instant::now());
        let Some(not_logged) = line else { return };
        let mut parts = token.split('.');
        let (header, claims) = (part(parts.next()), part(parts.next()));
        let (key_id, issuer) = (name(&header, "kid"), name(&claims, "iss"));
        tracing::warn!(issuer, key_id, not_logged, "a token was rejected: {reason}");
    }
}

impl Window {
    /// Counts a rejection. Returns, if it may be logged, the number of unlogged ones before it.
    fn line(&mut self, now: Instant) -> Option<u64> {
        let is_over = self.began.is_none_or(|began| now.duration_since(began) >= MINUTE);
        let not_logged = if is_over { self.count.saturating_sub(LINES) } else { 0 };
        if is_over {
            *self = Self { began: Some(now), count: 0 };
        }
        self.count += 1;
        (self.count <= LINES).then_some(not_logged)
    }
}

/// Decodes a part of a token, without verification.
fn part(text: Option<&str>) -> Map<String, Value> {
    let bytes = text.and_then(|text| URL_SAFE_NO_PAD.decode(text).ok()).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

fn name(part: &Map<String, Value>, member: &str) -> String {
    part.get(member).and_then(Value::as_str).unwrap_or("none").chars().take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_rejections_a_minute_are_logged_and_the_rest_counted() {
        let (mut window, start) = (Window::default(), Instant::now());
        let lines: Vec<_> = (0..25).filter_map(|_| window.line(start)).collect();
        assert_eq!(lines, [0; 10]);
        let later = start + MINUTE;
        assert_eq!([window.line(later), window.line(later)], [Some(15), Some(0)]);
    }

    #[test]
    fn what_is_no_token_has_no_names() {
        for token in ["", ".", "a.b.c", "e30.e30.e30"] {
            let mut parts = token.split('.').map(|it| name(&part(Some(it)), "kid"));
            assert!(parts.all(|name| name == "none"), "{token}");
        }
        let long = URL_SAFE_NO_PAD.encode(format!("{{\"kid\": \"{}\"}}", "k".repeat(999)));
        assert_eq!(name(&part(Some(&long)), "kid").len(), SHOWN);
    }
}
