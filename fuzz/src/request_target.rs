use jiff::Timestamp;
use url::form_urlencoded;
use webhooks_engine::request;
use webhooks_model::callback_url::CallbackUrl;
use webhooks_model::event::{Event, EventType, MAX_VALUE_BYTES};
use webhooks_model::workspace::WorkspaceId;

use crate::rfc3986;

/// Builds a request from a URL, an instance id and a process name, one a line (the name may have more lines): the
/// request keeps the URL's own path and query, and a receiver that parses the three parameters gets the exact values.
pub fn request_target(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let mut lines = text.splitn(3, '\n');
    let Ok(url) = CallbackUrl::try_from(lines.next().unwrap_or_default().to_owned()) else { return };
    let (first, second) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    if first.len().max(second.len()) > MAX_VALUE_BYTES {
        return;
    }
    check(&url, &event(first, second));
    check(&url, &event(second, first));
}

fn check(url: &CallbackUrl, event: &Event) {
    let target = request::target(url, event);
    let request = request::build(url, event, 1, Timestamp::UNIX_EPOCH, &crate::credentials()).unwrap();
    let uri: http::Uri = request.url().as_str().parse().unwrap();
    assert_eq!(uri.path_and_query().unwrap().as_str(), target, "sent as it was built");
    assert!(target.bytes().all(|byte| byte.is_ascii_graphic()), "{target:?} would break the request line");

    let sent = uri.to_string();
    let (own, ours) = (rfc3986::split(url.as_str()).unwrap(), rfc3986::split(&sent).unwrap());
    assert_eq!(ours.path, own.path);
    let (own, query) = (own.query.unwrap_or_default(), ours.query.unwrap());
    assert!(query.starts_with(own), "the URL's own query comes first, byte for byte");

    let expected = [
        ("instanceID", &*event.instance_id),
        ("processName", &*event.process_name),
        ("eventType", event.event_type.as_str()),
    ];
    let pairs: Vec<_> = query.split('&').collect();
    let last = &pairs[pairs.len() - 3..];
    for ((name, value), pair) in expected.into_iter().zip(last) {
        let (sent_name, sent_value) = pair.split_once('=').unwrap();
        assert_eq!(sent_name, name);
        assert_eq!(rfc3986::decode(sent_value).unwrap(), value.as_bytes(), "as RFC 3986 reads it");
    }
    let forms: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let last = forms[forms.len() - 3..].iter().map(|(name, value)| (&**name, &**value));
    assert!(last.eq(expected), "as a form is read");
}

fn event(instance_id: &str, process_name: &str) -> Event {
    Event {
        id: "c81e728d9d4c2f636f067f89cc14862c".into(),
        sequence_number: "111".into(),
        event_type: EventType::Updated,
        workspace: WorkspaceId::default_workspace(),
        instance_id: instance_id.into(),
        process_name: process_name.into(),
        changed_at: Timestamp::UNIX_EPOCH,
    }
}
