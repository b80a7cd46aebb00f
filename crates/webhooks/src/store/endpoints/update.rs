//! An update of parts of an endpoint's item: what is set, removed and added. Pure.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use crate::endpoint::{EndpointId, Health};
use crate::workspace::WorkspaceId;

/// A wake-up time is rounded down to this, so that the appends of a busy endpoint do not each rewrite the index.
const WAKE_GRAIN_MS: i64 = 10_000;

/// An update of parts of an endpoint's item.
pub(super) struct Update {
    pub(super) set: Vec<String>,
    pub(super) remove: Vec<&'static str>,
    pub(super) add: Vec<&'static str>,
    pub(super) values: HashMap<String, AttributeValue>,
}

impl Update {
    pub(super) fn new() -> Self {
        Self { set: Vec::new(), remove: Vec::new(), add: Vec::new(), values: HashMap::new() }
    }

    pub(super) fn set(mut self, name: &str, value: AttributeValue) -> Self {
        self.set.push(format!("#{name} = :{name}"));
        self.values.insert(format!(":{name}"), value);
        self
    }

    pub(super) fn set_or_remove(mut self, name: &'static str, value: Option<AttributeValue>) -> Self {
        match value {
            Some(value) => self.set(name, value),
            None => {
                self.remove.push(name);
                self
            }
        }
    }

    pub(super) fn add(mut self, name: &'static str, value: AttributeValue) -> Self {
        self.add.push(name);
        self.values.insert(format!(":{name}"), value);
        self
    }

    pub(super) fn value(mut self, name: &str, value: AttributeValue) -> Self {
        self.values.insert(name.to_owned(), value);
        self
    }

    pub(super) fn wake(self, endpoint: &EndpointId, at: Option<Timestamp>) -> Self {
        let at = at.map(|at| at.as_millisecond() / WAKE_GRAIN_MS * WAKE_GRAIN_MS);
        self.set_or_remove("wakePk", at.map(|_| text(wake_pk(endpoint)))).set_or_remove("wakeAt", at.map(number))
    }

    pub(super) fn health(self, health: Health) -> Self {
        match health {
            Health::Healthy { refusals } => self.set("health", text("healthy")).set("refusals", number(refusals)),
            Health::Failing { since, step, probe_at, warned } => self
                .set("health", text("failing"))
                .set("since", milliseconds(since))
                .set("step", number(step))
                .set("probeAt", milliseconds(probe_at))
                .set("warned", AttributeValue::Bool(warned)),
            Health::Disabled { since, reason } => self
                .set("health", text("disabled"))
                .set("since", milliseconds(since))
                .set("disabledReason", text(reason.as_str())),
        }
    }
}

fn wake_pk(endpoint: &EndpointId) -> String {
    format!("wake#{}", &endpoint.as_str()[..1])
}

pub(super) fn text(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

pub(super) fn number(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

pub(super) fn milliseconds(at: Timestamp) -> AttributeValue {
    number(at.as_millisecond())
}

pub(super) fn key(workspace: &WorkspaceId, endpoint: &EndpointId) -> HashMap<String, AttributeValue> {
    HashMap::from([
        ("pk".to_owned(), text(workspace.as_str())),
        ("sk".to_owned(), text(format!("endpoint#{endpoint}"))),
    ])
}
