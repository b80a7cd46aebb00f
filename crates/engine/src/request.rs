//! The callback request, byte for byte. Pure.

use std::fmt::{self, Write as _};
use std::sync::LazyLock;

use bytes::Bytes;
use http::header::{ACCEPT, HeaderName, HeaderValue, USER_AGENT};
use http::{HeaderMap, Method};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Request;
use url::{Position, Url};

use webhooks_model::callback_url::CallbackUrl;
use webhooks_model::credentials::Credentials;
use webhooks_model::event::Event;

/// Characters that are percent-encoded in a value: all but the unreserved ones of RFC 3986, section 2.3.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Bytes of the values together: some 120 with a single secret.
const VALUES_BYTES: usize = 160;

const PRODUCT: HeaderValue = HeaderValue::from_static(concat!("instance-webhooks/", env!("CARGO_PKG_VERSION")));

/// The value of `accept`. Most clients send it, including `reqwest`, which would add it after our own headers.
const ANYTHING: HeaderValue = HeaderValue::from_static("*/*");

/// The event's id: the same for every URL and attempt.
pub const WEBHOOK_ID: HeaderName = HeaderName::from_static("webhook-id");
/// Time of the attempt, in seconds since 1970.
pub const WEBHOOK_TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
/// Proof of origin: a signature of id, timestamp and target for each secret (Standard Webhooks).
pub const WEBHOOK_SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");
/// Number of the attempt, from 1.
pub const WEBHOOK_ATTEMPT: HeaderName = HeaderName::from_static("webhook-attempt");

/// Time of the change, in RFC 3339 and UTC, by which a receiver can tell what is stale. Left out if the stream record has none.
pub const WEBHOOK_CHANGED_AT: HeaderName = HeaderName::from_static("webhook-changed-at");

/// Our headers, in the order in which they are sent; the values that differ are empty. Copying them takes less than inserting
/// them one by one, which hashes each name.
static HEADERS: LazyLock<HeaderMap> = LazyLock::new(|| {
    let differs = HeaderValue::from_static("");
    [
        (USER_AGENT, PRODUCT),
        (ACCEPT, ANYTHING),
        (WEBHOOK_ID, differs.clone()),
        (WEBHOOK_ATTEMPT, differs.clone()),
        (WEBHOOK_CHANGED_AT, differs.clone()),
        (WEBHOOK_TIMESTAMP, differs.clone()),
        (WEBHOOK_SIGNATURE, differs),
    ]
    .into_iter()
    .collect()
});

/// Returns the request's target: path and query as sent and signed, the URL's own first, then the three parameters.
pub fn target(url: &CallbackUrl, event: &Event) -> String {
    let own = url.as_url();
    let query = query(url, event);
    [own.path(), "?", &query].concat()
}

fn query(url: &CallbackUrl, event: &Event) -> String {
    let own = url.as_url().query().unwrap_or_default();
    let mut query = String::with_capacity(own.len() + event.instance_id.len() + event.process_name.len() + 64);
    query.push_str(own);
    query.push_str(if own.is_empty() { "instanceID=" } else { "&instanceID=" });
    push_encoded(&mut query, &event.instance_id);
    query.push_str("&processName=");
    push_encoded(&mut query, &event.process_name);
    query.push_str("&eventType=");
    query.push_str(event.event_type.as_str());
    query
}

/// Appends a value. Most have nothing to encode.
fn push_encoded(query: &mut String, value: &str) {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if value.bytes().all(is_unreserved) {
        query.push_str(value);
    } else {
        query.extend(utf8_percent_encode(value, VALUE));
    }
}

/// Returns the signed request of one attempt, numbered from 1, at `now`, with the endpoint's secret headers.
///
/// # Errors
/// [`http::Error`] if the event's id is not valid in a header; that of a stream record always is.
pub fn build(
    url: &CallbackUrl,
    event: &Event,
    attempt: usize,
    now: Timestamp,
    credentials: &Credentials,
) -> Result<Request, http::Error> {
    let to = sent_to(url, event);
    let signature = credentials.secrets.sign(&event.id, now, sent_target(&to));
    let mut request = with_headers(to, event, attempt, Some((now, &signature)))?;
    for header in credentials.headers.iter() {
        request.headers_mut().insert(&header.name, header.value.clone());
    }
    Ok(request)
}

/// Returns the request without the parts that depend on time, [`WEBHOOK_TIMESTAMP`] and [`WEBHOOK_SIGNATURE`], and
/// without secret headers.
///
/// # Errors
/// As [`build`].
pub fn unsigned(url: &CallbackUrl, event: &Event, attempt: usize) -> Result<Request, http::Error> {
    with_headers(sent_to(url, event), event, attempt, None)
}

fn sent_to(url: &CallbackUrl, event: &Event) -> Url {
    let mut to = url.as_url().clone();
    to.set_query(Some(&query(url, event)));
    to
}

/// Returns the request with our headers: those of the event, and the proof of origin, a time and its signature.
fn with_headers(
    to: Url,
    event: &Event,
    attempt: usize,
    proof: Option<(Timestamp, &str)>,
) -> Result<Request, http::Error> {
    let (now, signature) = proof.unwrap_or_default();
    // In the order of those that are empty in HEADERS.
    let differing = values([&event.id, &attempt, &event.changed_at, &now.as_second(), &signature])?;
    let mut headers = HEADERS.clone();
    for (value, differing) in headers.values_mut().filter(|value| value.is_empty()).zip(differing) {
        *value = differing;
    }
    if proof.is_none() {
        headers.remove(WEBHOOK_SIGNATURE);
        headers.remove(WEBHOOK_TIMESTAMP);
    }
    if event.changed_at == Timestamp::UNIX_EPOCH {
        headers.remove(WEBHOOK_CHANGED_AT); // the last header takes its place
    }
    let mut request = Request::new(Method::GET, to);
    *request.headers_mut() = headers;
    Ok(request)
}

/// Returns values that share their bytes: `reqwest` copies a request twice, and so copies none of them.
fn values<const N: usize>(texts: [&dyn fmt::Display; N]) -> Result<[HeaderValue; N], http::Error> {
    let mut all = String::with_capacity(VALUES_BYTES);
    let ends = texts.map(|text| {
        _ = write!(all, "{text}"); // a string takes everything
        all.len()
    });
    let all = Bytes::from(all);
    let (mut values, mut begin) = ([const { HeaderValue::from_static("") }; N], 0);
    for (value, end) in values.iter_mut().zip(ends) {
        *value = HeaderValue::from_maybe_shared(all.slice(begin..end))?;
        begin = end;
    }
    Ok(values)
}

/// Returns the target that this request puts on the wire. It is signed, rather than the parts that it was made of.
fn sent_target(to: &Url) -> &str {
    &to[Position::BeforePath..Position::AfterQuery]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use webhooks_model::credentials::{SecretHeader, header_name, header_value};
    use webhooks_model::event::EventType;
    use webhooks_model::signing::SigningSecrets;
    use webhooks_model::workspace::WorkspaceId;

    fn event(instance_id: &str, process_name: &str) -> Event {
        Event {
            id: "c81e728d9d4c2f636f067f89cc14862c".into(),
            sequence_number: "1".into(),
            event_type: EventType::Updated,
            workspace: WorkspaceId::default_workspace(),
            instance_id: instance_id.into(),
            process_name: process_name.into(),
            changed_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn url(text: &str) -> CallbackUrl {
        CallbackUrl::try_from(text.to_owned()).unwrap()
    }

    fn credentials() -> Credentials {
        SigningSecrets::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap()).into()
    }

    #[test]
    fn the_parameters_follow_the_urls_own_query_in_order() {
        let event = event("i 1", "a&b=c#d+e%f/ü~-._");
        let parameters = "instanceID=i%201&processName=a%26b%3Dc%23d%2Be%25f%2F%C3%BC~-._&eventType=updated";
        for (given, before) in [
            ("http://h", "/?"),
            ("http://h/", "/?"),
            ("http://h/p", "/p?"),
            ("http://h?", "/?"),
            ("http://h?x", "/?x&"),
            ("http://h/p?", "/p?"),
            ("http://h/p?x=%2f'&&", "/p?x=%2f%27&&&"),
            ("http://h/p?x=1#fragment", "/p?x=1&"),
        ] {
            assert_eq!(target(&url(given), &event), format!("{before}{parameters}"), "{given}");
        }
    }

    #[test]
    fn secret_headers_follow_ours_and_are_not_in_the_request_that_is_shown() {
        let (url, event, now) = (url("https://h/"), event("1", "p"), Timestamp::UNIX_EPOCH);
        let header = SecretHeader {
            name: header_name("Authorization").unwrap(),
            value: header_value("Bearer SECRET").unwrap(),
            changed_at: now,
        };
        let with = Credentials { headers: [header].into_iter().collect(), ..credentials() };
        let (with, without) =
            (build(&url, &event, 1, now, &with).unwrap(), build(&url, &event, 1, now, &credentials()).unwrap());
        let names = |request: &Request| request.headers().keys().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names(&with), [names(&without), vec!["authorization".to_owned()]].concat());
        assert_eq!(with.headers()["authorization"], "Bearer SECRET");
        assert!(!format!("{with:?}").contains("SECRET"));
        assert!(!unsigned(&url, &event, 1).unwrap().headers().contains_key("authorization"));
    }

    #[test]
    fn the_request_is_a_signed_get_that_names_event_attempt_time_and_product() {
        let request = build(
            &url("https://H:8443/p"),
            &Event { changed_at: Timestamp::from_millisecond(1_699_999_998_250).unwrap(), ..event("1", "p") },
            3,
            Timestamp::from_second(1_700_000_000).unwrap(),
            &credentials(),
        )
        .unwrap();
        assert_eq!(request.method(), Method::GET);
        insta::assert_debug_snapshot!((request.url().as_str(), request.headers()), @r#"
        (
            "https://h:8443/p?instanceID=1&processName=p&eventType=updated",
            {
                "user-agent": "instance-webhooks/0.1.0",
                "accept": "*/*",
                "webhook-id": "c81e728d9d4c2f636f067f89cc14862c",
                "webhook-attempt": "3",
                "webhook-changed-at": "2023-11-14T22:13:18.25Z",
                "webhook-timestamp": "1700000000",
                "webhook-signature": "v1,DVHdp8Fv6sjdXgfzHkXFLcLGZW6CULMDUqU1FjyTZxM=",
            },
        )
        "#);
    }

    #[test]
    fn the_time_of_a_change_that_has_none_is_left_out() {
        let (url, without) = (url("https://h/"), event("1", "p"));
        let with = Event { changed_at: Timestamp::from_second(1_700_000_000).unwrap(), ..without.clone() };
        let names = |request: Result<Request, _>| {
            request.unwrap().headers().keys().map(|name| name.as_str().to_owned()).collect::<Vec<_>>()
        };
        let signed = names(build(&url, &without, 1, Timestamp::UNIX_EPOCH, &credentials()));
        let unsigned = |event| names(unsigned(&url, event, 1));
        let ours = ["user-agent", "accept", "webhook-id", "webhook-attempt"];
        assert_eq!(signed, [&ours[..], &["webhook-signature", "webhook-timestamp"]].concat());
        assert_eq!(unsigned(&with), [&ours[..], &["webhook-changed-at"]].concat());
        assert_eq!(unsigned(&without), ours);
    }

    #[test]
    fn the_documented_example_is_what_is_sent() {
        let documented = include_str!("../../../docs/receivers.md");
        let event = Event { event_type: EventType::Created, ..event("i-1", "Order für M&S") };
        let url = url("https://my-service.com/instanceCreated?token=a%2Fb");
        let at = Timestamp::from_second(1_700_000_000).unwrap();
        let request = build(&url, &event, 1, at, &credentials()).unwrap();
        let shows = |line: String| assert!(documented.contains(&line), "docs/receivers.md does not show {line}");
        shows(format!("| configured URL | `{url}` |"));
        shows(format!("| secret | `{}` |", *credentials().secrets.current.expose()));
        shows(format!("| target | `{}` |", sent_target(request.url())));
        for name in [WEBHOOK_ID, WEBHOOK_TIMESTAMP, WEBHOOK_SIGNATURE] {
            shows(format!("| `{name}` | `{}` |", request.headers()[&name].to_str().unwrap()));
        }
    }

    /// Verifies with the crate of the Standard Webhooks project. Libraries of other languages are tested in
    /// tests/receivers.
    #[test]
    fn a_third_party_verifies_it_and_refuses_it_when_any_byte_is_another() {
        let receiver = standardwebhooks::Webhook::new(&credentials().secrets.current.expose()).unwrap();
        let url = url("https://h/a/../b//c?x=%2f'&&y={z}[]=1#f");
        let request = build(&url, &event("i 1/🚀", "a&b=c#d+e%f?ü"), 1, Timestamp::now(), &credentials()).unwrap();
        let (target, headers) = (sent_target(request.url()), request.headers());
        receiver.verify(target.as_bytes(), headers).unwrap();

        for at in 0..target.len() {
            let changed = another(target, at);
            assert!(receiver.verify(changed.as_bytes(), headers).is_err(), "{changed}");
        }
        for name in [WEBHOOK_ID, WEBHOOK_TIMESTAMP] {
            let value = headers[&name].to_str().unwrap();
            for at in 0..value.len() {
                let mut headers = headers.clone();
                headers.insert(&name, another(value, at).parse().unwrap());
                assert!(receiver.verify(target.as_bytes(), &headers).is_err(), "{headers:?}");
            }
        }
    }

    /// Returns the text with another character at this position.
    fn another(text: &str, at: usize) -> String {
        let other = if &text[at..=at] == "1" { "2" } else { "1" };
        format!("{}{other}{}", &text[..at], &text[at + 1..])
    }

    #[test]
    fn the_longest_values_and_url_still_make_a_request() {
        let longest = "\u{fffd}".repeat(webhooks_model::event::MAX_VALUE_BYTES / 3);
        let url = url(&format!("http://h/{}", "x".repeat(webhooks_model::callback_url::MAX_URL_CHARACTERS - 9)));
        assert!(build(&url, &event(&longest, &longest), 1, Timestamp::UNIX_EPOCH, &credentials()).is_ok());
    }

    proptest! {
        #[test]
        fn whatever_the_names_an_independent_parser_reads_them_back(
            instance_id in any::<String>(), process_name in any::<String>(), own in "[!-~&&[^\"<>\\\\`]]{0,40}",
        ) {
            let configured = url(&format!("http://example.com/p{own}"));
            let event = event(&instance_id, &process_name);
            let sent = build(&configured, &event, 1, Timestamp::UNIX_EPOCH, &credentials()).unwrap();
            prop_assert_eq!(sent_target(sent.url()), target(&configured, &event));
            // As the client converts its request.
            let uri: http::Uri = sent.url().as_str().parse().unwrap();
            prop_assert_eq!(uri.path_and_query().unwrap().as_str(), target(&configured, &event));
            let whole = [configured.origin(), &target(&configured, &event)].concat();
            prop_assert_eq!(sent.url().as_str(), &whole, "what the API returns comes first, unchanged");
            prop_assert!(whole.starts_with(configured.as_str()));

            let parsed = url::Url::parse(&whole).unwrap();
            prop_assert_eq!(parsed.as_str(), &whole, "nothing is left to normalise");
            let pairs: Vec<_> = parsed.query_pairs().collect();
            let ours: Vec<_> = pairs[pairs.len() - 3..].iter().map(|(key, value)| (&**key, &**value)).collect();
            prop_assert_eq!(ours, [("instanceID", &*instance_id), ("processName", &*process_name), ("eventType", "updated")]);
        }
    }
}
