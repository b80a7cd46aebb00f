use std::time::{Duration, SystemTime};

use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use webhooks::endpoint::{Health, HealthSettings, Verdict};
use webhooks::sender;

/// What a receiver may write into `Retry-After`: however it asks, the endpoint is tried again within bounds.
pub fn retry_after(input: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(input) else { return };
    let headers = HeaderMap::from_iter([(RETRY_AFTER, value)]);
    let now = Timestamp::from_second(784_111_777).unwrap();
    let asked = sender::retry_after(&headers, SystemTime::from(now));

    let settings = HealthSettings::default();
    let longest = settings.longest_retry_after.max(settings.delay(usize::MAX, 1.0));
    let mut health = Health::default();
    for _ in 0..12 {
        let (after, _) = health.after(Verdict::Overloaded(asked), now, 1.0, &settings);
        let Health::Failing { probe_at, .. } = after else {
            panic!("{after:?} after an answer that asks for patience")
        };
        let wait = Duration::try_from(probe_at.duration_since(now)).unwrap();
        assert!(wait <= longest, "{asked:?} was asked for, and it is tried again after {wait:?}");
        assert!(asked.is_none_or(|asked| wait >= asked.min(settings.longest_retry_after)), "sooner than was asked for");
        health = after;
    }
}
