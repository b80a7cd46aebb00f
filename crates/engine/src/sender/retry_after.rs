//! `Retry-After`, as seconds or as a date (RFC 9110, section 10.2.3). Pure.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, header};

/// Returns the delay that a response requests, from `now` on; `None` for any other format.
pub fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn asked(value: &'static str) -> Option<u64> {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777); // Sun, 06 Nov 1994 08:49:37 GMT
        let headers = HeaderMap::from_iter([(header::RETRY_AFTER, HeaderValue::from_static(value))]);
        retry_after(&headers, now).map(|asked| asked.as_secs())
    }

    #[test]
    fn seconds_and_dates_are_understood_and_anything_else_is_not() {
        assert_eq!(asked("120"), Some(120));
        assert_eq!(asked("Sun, 06 Nov 1994 08:50:37 GMT"), Some(60));
        assert_eq!(asked("Sun, 06 Nov 1994 08:48:37 GMT"), Some(0), "a date that has passed asks for nothing more");
        assert_eq!((asked("-1"), asked("1.5"), asked("soon")), (None, None, None));
    }
}
