//! Deliveries as they are stored in their table.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

type Item = HashMap<String, AttributeValue>;

#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) workspace: String,
    pub(crate) endpoint: String,
    pub(crate) url: String,
    pub(crate) event: String,
    pub(crate) event_type: String,
    pub(crate) instance: String,
    pub(crate) process: String,
    pub(crate) status: String,
    pub(crate) attempts: Vec<Attempt>,
    /// Expiry, in Unix seconds.
    pub(crate) expires_at: Option<i64>,
}

#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) at: String,
    /// Status of the response, if there was one.
    pub(crate) status: Option<u16>,
    pub(crate) latency_ms: u64,
    pub(crate) reason: Option<String>,
    pub(crate) detail: Option<String>,
    pub(crate) body: Option<String>,
}

impl Delivery {
    /// Reads the delivery of this item, if it is one.
    pub(crate) fn read(item: &Item) -> Option<Self> {
        if !item.contains_key("eventID") || !item.contains_key("attempts") {
            return None;
        }
        let attempts = item["attempts"].as_l().expect("attempts is a list");
        Some(Self {
            workspace: text(item, "workspaceID"),
            endpoint: text(item, "endpointID"),
            url: text(item, "url"),
            event: text(item, "eventID"),
            event_type: text(item, "eventType"),
            instance: text(item, "instanceID"),
            process: text(item, "processName"),
            status: text(item, "status"),
            attempts: attempts
                .iter()
                .map(|attempt| Attempt::read(attempt.as_m().expect("an attempt is a map")))
                .collect(),
            expires_at: expiry(item),
        })
    }
}

/// Returns the time at which a delivery expires: never while it is pending.
fn expiry(item: &Item) -> Option<i64> {
    let expires_at = number(item, "expiresAt");
    assert_eq!(expires_at.is_none(), text(item, "status") == "pending", "only a completed delivery expires: {item:?}");
    expires_at
}

impl Attempt {
    fn read(item: &Item) -> Self {
        Self {
            at: text(item, "at"),
            status: number(item, "status"),
            latency_ms: number(item, "latencyMs").expect("an attempt took its time"),
            reason: optional(item, "reason"),
            detail: optional(item, "detail"),
            body: optional(item, "body"),
        }
    }
}

fn optional(item: &Item, name: &str) -> Option<String> {
    item.get(name).map(|value| value.as_s().unwrap_or_else(|_| panic!("{name} is text in {item:?}")).clone())
}

fn text(item: &Item, name: &str) -> String {
    optional(item, name).unwrap_or_else(|| panic!("no {name} in {item:?}"))
}

fn number<N: std::str::FromStr>(item: &Item, name: &str) -> Option<N> {
    let value = item.get(name)?.as_n().unwrap_or_else(|_| panic!("{name} is a number in {item:?}"));
    Some(value.parse().unwrap_or_else(|_| panic!("{name} is such a number in {item:?}")))
}
