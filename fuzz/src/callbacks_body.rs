use std::collections::HashMap;

use serde_json::{Value, json};
use webhooks_api::CallbacksInput;
use webhooks_model::address::OutboundPolicy;
use webhooks_model::callback_url::{CallbackUrl, MAX_URL_CHARACTERS};
use webhooks_model::callbacks::{Callbacks, InvalidCallbacks, MAX_URLS};
use webhooks_model::event::EventType;

/// Parses a body that sets all three lists: accepted callbacks are within the limits, mean the same as a list and as a
/// text with a URL a line, and are accepted again unchanged when the result is sent back.
pub fn callbacks_body(input: &[u8]) {
    let Ok(body) = serde_json::from_slice::<CallbacksInput>(input) else { return };
    let callbacks = match judged(body) {
        Ok(callbacks) => callbacks,
        Err(refusal) => {
            assert!(!refusal.0.is_empty(), "a refusal gives a reason");
            return;
        }
    };
    for event_type in EventType::ALL {
        let urls = &callbacks.of(event_type).urls;
        assert!(urls.len() <= MAX_URLS, "{} URLs", urls.len());
        for (at, url) in urls.iter().enumerate() {
            assert!(!urls[..at].contains(url), "{url} twice");
            assert!(url.as_str().chars().count() <= MAX_URL_CHARACTERS);
            assert_eq!(CallbackUrl::try_from(url.as_str().to_owned()), Ok(url.clone()));
        }
    }
    assert_eq!(again(serde_json::to_value(&callbacks).unwrap()), callbacks, "what a GET answers can be PUT");
    assert_eq!(again(as_text(&callbacks)), callbacks, "a text with a URL a line is as good as a list");
}

/// Checks a body with settings that allow every address on the internet, and a name server without other addresses.
fn judged(body: CallbacksInput) -> Result<Callbacks, InvalidCallbacks> {
    body.validate(&OutboundPolicy::default()).finish(&HashMap::new())
}

fn again(body: Value) -> Callbacks {
    judged(serde_json::from_value::<CallbacksInput>(body).unwrap()).unwrap()
}

fn as_text(callbacks: &Callbacks) -> Value {
    let one = |event_type| {
        let callback = callbacks.of(event_type);
        let lines: Vec<_> = callback.urls.iter().map(CallbackUrl::as_str).collect();
        json!({"enabled": callback.enabled, "urls": lines.join("\r\n")})
    };
    EventType::ALL.into_iter().map(|event_type| (event_type.to_string(), one(event_type))).collect()
}
