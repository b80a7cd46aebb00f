use std::time::{Duration, SystemTime};

use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use webhooks_engine::sender;
use webhooks_model::endpoint::{AttemptOutcome, Health, HealthSettings, Try};

/// Parses a `Retry-After` header: for every value the endpoint is attempted again within bounds.
pub fn retry_after(input: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(input) else { return };
    let headers = HeaderMap::from_iter([(RETRY_AFTER, value)]);
    let now = Timestamp::from_second(784_111_777).unwrap();
    let asked = sender::retry_after(&headers, SystemTime::from(now));

    let settings = HealthSettings::default();
    let longest = settings.max_retry_after.max(settings.delay(usize::MAX, 1.0));
    let mut health = Health::default();
    for _ in 0..12 {
        let after = health.on_attempt(AttemptOutcome::Throttled(asked), Try::First, now, 1.0, &settings);
        let probe_at = match (after, asked) {
            (Health::Failing { probe_at, .. }, _) => probe_at,
            // Without a requested pause, the failure counts like any other.
            (Health::Healthy { .. }, None) => {
                health = after;
                continue;
            }
            _ => panic!("{after:?} after an answer that asks for a pause"),
        };
        let wait = Duration::try_from(probe_at.duration_since(now)).unwrap();
        assert!(wait <= longest, "{asked:?} was asked for, and it is tried again after {wait:?}");
        assert!(asked.is_none_or(|asked| wait >= asked.min(settings.max_retry_after)), "sooner than was asked for");
        health = after;
    }
}
