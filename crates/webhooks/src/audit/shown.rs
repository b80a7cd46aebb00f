//! What the audit shows: enough to see what changed, and nothing that would let its reader in anywhere.

use serde_json::{Value, json};

use crate::callbacks::{Callback, CallbackUrl, Callbacks, Replaced};
use crate::endpoint::{Endpoint, EndpointId, EndpointSettings, Health};
use crate::event::EventType;
use crate::signing::SigningSecrets;

pub(super) fn callbacks(callbacks: &Callbacks) -> Value {
    let shown = |callback: &Callback| {
        let urls: Vec<_> = callback.urls.iter().map(url).collect();
        json!({ "enabled": callback.enabled, "urls": urls })
    };
    EventType::ALL.into_iter().map(|it| (it.as_str().to_owned(), shown(callbacks.of(it)))).collect()
}

/// Callbacks, and which URLs replace others.
pub(super) fn replacing(after: &Callbacks, replaced: &[Replaced]) -> Value {
    let mut value = callbacks(after);
    if !replaced.is_empty() {
        let pairs = replaced.iter().map(|it| json!({ "from": url(&it.from), "to": url(&it.to) }));
        value["replaces"] = pairs.collect();
    }
    value
}

/// What is shown, and which attributes could not be read.
pub(super) fn damage(mut shown: Value, attributes: &[String]) -> Value {
    if !attributes.is_empty() {
        shown["damaged"] = json!(attributes);
    }
    shown
}

/// Scheme, host and hash: path and query may carry a token.
fn url(url: &CallbackUrl) -> Value {
    json!({ "origin": url.origin(), "endpointID": EndpointId::of(url).as_str() })
}

pub(super) fn settings(endpoint: &Endpoint, settings: &EndpointSettings) -> Value {
    json!({
        "endpoint": url(&endpoint.url),
        "paused": settings.paused,
        "processNames": settings.process_names,
        "maxPerSecond": settings.max_per_second,
    })
}

pub(super) fn health(endpoint: &Endpoint, health: Health) -> Value {
    let state = match health {
        Health::Healthy { .. } => "healthy",
        Health::Failing { .. } => "failing",
        Health::Disabled { .. } => "disabled",
    };
    json!({ "endpoint": url(&endpoint.url), "health": state })
}

pub(super) fn secrets(secrets: &SigningSecrets) -> Value {
    let previous: Vec<_> = secrets
        .previous
        .iter()
        .map(|it| json!({ "fingerprint": it.secret.fingerprint(), "expiresAt": it.expires_at.to_string() }))
        .collect();
    json!({ "fingerprint": secrets.current.fingerprint(), "previous": previous })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_url_only_scheme_host_and_hash_are_shown() {
        let url = CallbackUrl::try_from("https://Hooks.example:8443/a/SECRET?token=SECRET#SECRET".to_owned()).unwrap();
        let created = Callback { enabled: true, urls: vec![url] };
        let shown = callbacks(&Callbacks { created, ..Callbacks::default() });
        assert_eq!(shown["created"]["urls"][0]["origin"], "https://hooks.example:8443");
        assert!(!shown.to_string().contains("SECRET"), "{shown}");
    }
}
