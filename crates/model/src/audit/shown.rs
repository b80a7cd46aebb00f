//! Redaction of audited values: they show the change, and contain no credentials.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::callback_url::CallbackUrl;
use crate::callbacks::{Callback, Callbacks, Replaced};
use crate::cut::{cut, without_middle};
use crate::endpoint::{Endpoint, EndpointId, EndpointSettings, Health, OnBacklog};
use crate::event::EventType;
use crate::signing::Rotating;
use crate::subscription::Subscription;

/// Maximum number of URLs of one list, of pairs of URLs and of process names in an entry. Without a limit an entry
/// could have 200 KB, and the audit would grow by that with each change.
const NAMED: usize = 10;

/// Maximum length of each of them, in characters.
const CHARACTERS: usize = 100;

/// Redacts callbacks, beside the state before or after them.
///
/// Of long lists, the URLs that are not in the other state are listed first, then as many of the common ones as fit,
/// the same ones for both states; the others are counted.
pub(super) fn callbacks(callbacks: &Callbacks, other: &Callbacks) -> Value {
    let shown = |event_type| {
        let (callback, other): (&Callback, &Callback) = (callbacks.of(event_type), other.of(event_type));
        let named = named(&callback.urls, &other.urls);
        let left_out = callback.urls.len() - named.len();
        let mut shown = json!({ "enabled": callback.enabled, "urls": named.into_iter().map(url).collect::<Vec<_>>() });
        if left_out > 0 {
            shown["urlsLeftOut"] = json!(left_out);
        }
        shown
    };
    EventType::ALL.into_iter().map(|it| (it.as_str().to_owned(), shown(it))).collect()
}

/// Selects the URLs of a list to show beside another list, in the list's order.
fn named<'u>(urls: &'u [CallbackUrl], others: &[CallbackUrl]) -> Vec<&'u CallbackUrl> {
    if urls.len().max(others.len()) <= NAMED {
        return urls.iter().collect();
    }
    let without = |these: &[CallbackUrl], those: &[CallbackUrl]| these.iter().filter(|it| !those.contains(it)).count();
    let own = without(urls, others).max(without(others, urls)).min(NAMED);
    // Sort them, so that both states show the same ones.
    let mut common: Vec<_> = urls.iter().filter(|it| others.contains(it)).collect();
    common.sort_unstable();
    common.truncate(NAMED - own);
    let mut left = NAMED - common.len();
    urls.iter()
        .filter(|it| {
            let is_own = !others.contains(it) && left > 0;
            left -= usize::from(is_own);
            is_own || common.contains(it)
        })
        .collect()
}

/// Redacts callbacks beside the state before, and the replacements of URLs.
pub(super) fn replacing(after: &Callbacks, before: &Callbacks, replaced: &[Replaced]) -> Value {
    let mut value = callbacks(after, before);
    if !replaced.is_empty() {
        // The latest ones are last.
        let named = replaced.iter().rev().take(NAMED).rev();
        value["replaces"] = named.map(|it| json!({ "from": url(&it.from), "to": url(&it.to) })).collect();
    }
    if replaced.len() > NAMED {
        value["replacesLeftOut"] = json!(replaced.len() - NAMED);
    }
    value
}

/// Represents an instance by the first 16 digits of the SHA-256 of its id.
pub(super) fn instance(id: &str) -> Value {
    let digest = Sha256::digest(id.as_bytes());
    let fingerprint: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    json!({ "instanceFingerprint": fingerprint })
}

/// Adds the names of the attributes that could not be read.
pub(super) fn damage(mut shown: Value, attributes: &[String]) -> Value {
    if !attributes.is_empty() {
        shown["damaged"] = json!(attributes);
    }
    shown
}

/// Redacts a URL: the values of its query, which may be tokens, are left out. Readers of the audit may read the
/// callbacks too, so that they know the path; the hash tells two URLs apart that differ in a value alone.
fn url(url: &CallbackUrl) -> Value {
    json!({
        "origin": cut(url.origin(), CHARACTERS),
        "path": without_middle(&path(url), CHARACTERS),
        "endpointID": EndpointId::of(url).as_str(),
    })
}

/// Returns path and query, with an ellipsis in place of each value. A part without a name is a value.
fn path(url: &CallbackUrl) -> String {
    let (path, Some(query)) = (url.as_url().path(), url.as_url().query()) else {
        return url.as_url().path().to_owned();
    };
    let redacted = |part: &str| part.split_once('=').map_or("…".to_owned(), |(name, _)| format!("{name}=…"));
    let query: Vec<_> = query.split('&').map(redacted).collect();
    format!("{path}?{}", query.join("&"))
}

pub(super) fn settings(endpoint: &Endpoint, settings: &EndpointSettings) -> Value {
    let Subscription { process_names, changed, conditions } = &settings.subscription;
    let names: Vec<_> = process_names.iter().take(NAMED).map(|name| cut(name, CHARACTERS)).collect();
    let mut shown = json!({
        "endpoint": url(&endpoint.url),
        "paused": settings.paused,
        "processNames": names,
        "maxPerSecond": settings.max_per_second,
    });
    if let Some(until) = settings.paused_until {
        shown["pausedUntil"] = json!(until.to_string());
    }
    let texts = [("name", &settings.name), ("description", &settings.description), ("contact", &settings.contact)];
    for (name, text) in texts.into_iter().filter_map(|(name, text)| Some((name, text.as_deref()?))) {
        shown[name] = json!(cut(text, CHARACTERS));
    }
    if process_names.len() > NAMED {
        shown["processNamesLeftOut"] = json!(process_names.len() - NAMED);
    }
    if !settings.secret_headers.is_empty() {
        let times = settings.secret_headers.iter().map(|it| (it.name.to_string(), json!(it.changed_at.to_string())));
        shown["secretHeaders"] = Value::Object(times.collect());
    }
    if settings.on_backlog != OnBacklog::default() {
        shown["onBacklog"] = json!(settings.on_backlog);
    }
    // The API bounds both.
    if !changed.is_empty() {
        shown["changed"] = json!(changed);
    }
    if !conditions.is_empty() {
        shown["where"] = json!(conditions);
    }
    shown
}

pub(super) fn health(endpoint: &Endpoint, health: Health) -> Value {
    let state = match health {
        Health::Healthy { .. } => "healthy",
        Health::Failing { .. } => "failing",
        Health::Disabled { .. } => "disabled",
    };
    json!({ "endpoint": url(&endpoint.url), "health": state })
}

/// Shows secrets or keys by their fingerprints.
pub(super) fn fingerprints<T>(rotating: &Rotating<T>, fingerprint: impl Fn(&T) -> String) -> Value {
    let previous = rotating
        .previous
        .iter()
        .map(|it| json!({ "fingerprint": fingerprint(&it.value), "expiresAt": it.expires_at.to_string() }));
    json!({ "fingerprint": fingerprint(&rotating.current), "previous": previous.collect::<Vec<_>>() })
}

/// Adds the endpoint that the value is about.
pub(super) fn of(endpoint: &Endpoint, mut shown: Value) -> Value {
    shown["endpoint"] = url(&endpoint.url);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_url_all_but_the_values_of_its_query_is_shown() {
        let url = "https://Hooks.example:8443/a%20b/c?token=SECRET&SECRET&x=SECRET=SECRET&y=#SECRET".to_owned();
        let url = CallbackUrl::try_from(url).unwrap();
        let created = Callback { enabled: true, urls: vec![url] };
        let shown = callbacks(&Callbacks { created, ..Callbacks::default() }, &Callbacks::default());
        assert_eq!(shown["created"]["urls"][0]["origin"], "https://hooks.example:8443");
        assert_eq!(shown["created"]["urls"][0]["path"], "/a%20b/c?token=…&…&x=…&y=…");
        assert!(!shown.to_string().contains("SECRET"), "{shown}");
    }

    fn list(hosts: impl Iterator<Item = usize>) -> Vec<CallbackUrl> {
        hosts.map(|n| CallbackUrl::try_from(format!("https://{n:02}.example/")).unwrap()).collect()
    }

    #[test]
    fn of_long_lists_what_came_and_went_is_named_and_the_rest_is_counted() {
        let shown = |before: &[CallbackUrl], after: &[CallbackUrl]| {
            let hosts = |urls: Vec<&CallbackUrl>| {
                urls.into_iter().map(|it| it.origin()[8..10].parse::<usize>().unwrap()).collect::<Vec<_>>()
            };
            (hosts(named(before, after)), hosts(named(after, before)))
        };
        let few = list(0..10);
        assert_eq!(shown(&few, &few), ((0..10).collect(), (0..10).collect()));
        // One is removed and two are added: these are listed, and the same eight common ones on both sides.
        let (before, after) = (list(0..40), list((1..40).rev().chain([50, 51])));
        let common = 1..9;
        assert_eq!(
            shown(&before, &after),
            ([0].into_iter().chain(common.clone()).collect(), common.rev().chain([50, 51]).collect())
        );
        // All are removed and others are added.
        assert_eq!(shown(&list(0..50), &list(50..90)), ((0..10).collect(), (50..60).collect()));
        assert_eq!(shown(&list(0..50), &[]), ((0..10).collect(), vec![]));
    }

    #[test]
    fn an_entry_of_the_largest_change_is_small() {
        let host = |n: usize| format!("{0}.{0}.{0}.{n:02}.example", "h".repeat(60));
        let url = |n| CallbackUrl::try_from(format!("https://{}/{}", host(n), "p".repeat(1_800))).unwrap();
        let all = |from: usize| {
            let callback = |from| Callback { enabled: true, urls: (from..from + 50).map(url).collect() };
            Callbacks { created: callback(from), updated: callback(from + 50), deleted: callback(from + 100) }
        };
        let (before, after) = (all(0), all(200));
        let pairs = (0..50).map(|n| Replaced { from: url(n), to: url(n + 200), at: jiff::Timestamp::UNIX_EPOCH });
        let (from, to) = (callbacks(&before, &after), replacing(&after, &before, &pairs.collect::<Vec<_>>()));
        let bytes = from.to_string().len() + to.to_string().len();
        assert!(bytes < 24 * 1024, "{bytes}");
        assert_eq!((&from["created"]["urlsLeftOut"], &to["replacesLeftOut"]), (&json!(40), &json!(40)));

        let names = (0..100).map(|n| format!("{n}{}", "ü".repeat(250))).collect();
        let subscription = Subscription { process_names: names, ..Subscription::default() };
        let settings = EndpointSettings { subscription, ..EndpointSettings::default() };
        let shown = super::settings(&url(0).into(), &settings);
        assert!(shown.to_string().len() < 4 * 1024, "{shown}");
        assert_eq!(shown["processNamesLeftOut"], 90);
    }
}
