//! Validation of callbacks: a caller's input becomes [`Callbacks`] as a whole, or is rejected as a whole. Pure.

use std::collections::HashSet;

use super::host_check::{HostToCheck, PendingCallbacks};
use super::line_error::{LineError, MAX_URLS};
use super::{Callback, Callbacks};
use crate::address::OutboundPolicy;
use crate::callback_url::{CallbackUrl, trim};
use crate::event::EventType;

/// A caller's input for one event type.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct CallbackInput {
    /// Whether the URLs are called.
    pub enabled: bool,
    /// URLs, one per line. Blank lines, duplicates, and what is invisible before or behind a URL are dropped.
    pub lines: Vec<String>,
}

/// Validates every line of all three event types, given in the order of [`EventType::ALL`].
pub fn validate_all(inputs: [CallbackInput; 3], policy: &OutboundPolicy) -> PendingCallbacks<Callbacks> {
    let mut all = PendingCallbacks { given: Callbacks::default(), errors: Vec::new(), named: Vec::new() };
    for (event_type, input) in EventType::ALL.into_iter().zip(inputs) {
        let pending = input.validate(event_type, policy);
        *all.given.of_mut(event_type) = pending.given;
        all.errors.extend(pending.errors);
        all.named.extend(pending.named);
    }
    all
}

impl CallbackInput {
    /// Validates every line.
    pub fn validate(self, event_type: EventType, policy: &OutboundPolicy) -> PendingCallbacks<Callback> {
        let mut urls = Vec::new();
        let (mut errors, mut named) = (Vec::new(), Vec::new());
        let mut seen = HashSet::new();
        let mut first_too_many = None;
        for (line, text) in (1..).zip(self.lines) {
            let text = trim(&text);
            if text.is_empty() {
                continue;
            }
            let url = CallbackUrl::from_input(text);
            // Two spellings of one URL count as one.
            let seen_as = url.as_ref().map_or(text, CallbackUrl::as_str);
            if !seen.insert(seen_as.to_owned()) {
                continue;
            }
            if seen.len() == MAX_URLS + 1 {
                first_too_many = Some(line);
            }
            let url = match url {
                Ok(url) => url,
                Err(reason) => {
                    errors.push(LineError::Url { event_type, line, reason });
                    continue;
                }
            };
            match policy.check_url(&url) {
                Err(reason) => errors.push(LineError::NotAllowed { event_type, line, reason }),
                // Resolve no names beyond the limit: the body has room for a hundred thousand.
                Ok(Some(host)) if first_too_many.is_none() => named.push(HostToCheck { event_type, line, host }),
                Ok(_) => {}
            }
            urls.push(url);
        }
        if let Some(line) = first_too_many {
            errors.push(LineError::TooMany { event_type, line, count: seen.len() });
        }
        PendingCallbacks { given: Callback { enabled: self.enabled, urls }, errors, named }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::callbacks::InvalidCallbacks;

    fn input(text: &str) -> CallbackInput {
        CallbackInput { enabled: true, lines: text.lines().map(str::to_owned).collect() }
    }

    fn pending(text: &str) -> PendingCallbacks<Callback> {
        input(text).validate(EventType::Created, &OutboundPolicy::default())
    }

    /// Validates a text, and accepts every host name.
    fn callback(text: &str) -> Result<Callback, InvalidCallbacks> {
        pending(text).finish(&HashMap::new())
    }

    fn urls(callback: &Callback) -> Vec<&str> {
        callback.urls.iter().map(CallbackUrl::as_str).collect()
    }

    #[test]
    fn blank_lines_and_repeats_are_dropped() {
        let callback = callback("http://a/1\r\n\n  http://b/2\t\n\u{200b}\n\u{feff}http://a/1\u{200b}\n").unwrap();
        assert_eq!(urls(&callback), ["http://a/1", "http://b/2"]);
    }

    #[test]
    fn spellings_of_one_url_are_one_url() {
        let text = "http://A:80/x/../1#a\nhttp://a/1\nhttp://a/1#b\nhttp://a?\nhttp://a";
        assert_eq!(urls(&callback(text).unwrap()), ["http://a/1", "http://a/?", "http://a/"]);
    }

    #[test]
    fn every_bad_line_is_named_and_blank_lines_count() {
        let error = callback("http://a/1\n\nnonsense\nftp://x").unwrap_err();
        insta::assert_snapshot!(error, @"created, line 3: a callback URL begins with http:// or https://; created, line 4: a callback URL begins with http:// or https://, not ftp:");
    }

    #[test]
    fn fifty_different_urls_are_allowed_and_repeats_do_not_count() {
        let lines = |n: usize| (0..n).map(|i| format!("http://h/{i}\nhttp://h/0\n")).collect::<String>();
        assert_eq!(callback(&lines(50)).unwrap().urls.len(), 50);
        insta::assert_snapshot!(callback(&lines(52)).unwrap_err(), @"created, line 101: this is one URL too many; 52 are given and at most 50 are allowed");
    }

    #[test]
    fn the_errors_of_all_three_event_types_come_together() {
        let pending =
            validate_all([input("x"), CallbackInput::default(), input("http://a\ny")], &OutboundPolicy::default());
        let error = pending.finish(&HashMap::new()).unwrap_err();
        assert_eq!(error.0.len(), 2);
        assert!(error.to_string().contains("deleted, line 2"), "{error}");
    }

    #[test]
    fn what_may_not_be_called_is_named_in_its_place_whether_its_name_or_its_address_says_so() {
        let pending = pending("http://a/\nhttp://127.1/\nhttp://b/\nnonsense\nhttp://A/2");
        assert_eq!(pending.names().into_iter().collect::<Vec<_>>(), ["a", "b"], "each name once");
        let reason = OutboundPolicy::default().check_addresses(["10.0.0.1".parse().unwrap()]).unwrap_err();
        let error = pending.finish(&HashMap::from([("a".to_owned(), reason)])).unwrap_err();
        let lines: Vec<_> = error.0.iter().map(|error| error.place().1).collect();
        assert_eq!(lines, [1, 2, 4, 5], "{error}");
    }

    #[test]
    fn beyond_the_limit_no_name_is_looked_up() {
        let lines: String = (0..1_000).map(|i| format!("http://h{i}/\n")).collect();
        assert_eq!(pending(&lines).names().len(), MAX_URLS);
    }
}
