//! Partial updates of an endpoint's item. Pure.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use super::secret_headers::to_attribute;
use crate::fleet::{FLEET_PK, attention_pk};
use crate::{Revision, SettingsPatch};
use webhooks_model::credentials::SecretHeaders;
use webhooks_model::endpoint::{EndpointId, EndpointSettings, Health, OnBacklog, PublishedState};
use webhooks_model::event::InstanceKey;
use webhooks_model::subscription::Condition;
use webhooks_model::workspace::WorkspaceId;

/// Name of the attribute of secret headers.
pub(super) const SECRET_HEADERS: &str = "secretHeaders";

/// A conditional update of some attributes of an endpoint's item. Names are aliased, because some are reserved words.
#[derive(Default)]
pub(super) struct Update {
    set: Vec<String>,
    remove: Vec<String>,
    add: Vec<String>,
    delete: Vec<String>,
    condition: Vec<&'static str>,
    pub(super) names: HashMap<String, String>,
    pub(super) values: HashMap<String, AttributeValue>,
}

impl Update {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn set(mut self, name: &str, value: AttributeValue) -> Self {
        self.set.push(format!("#{name} = :{name}"));
        self.with(name, value)
    }

    pub(super) fn remove(mut self, name: &str) -> Self {
        self.remove.push(format!("#{name}"));
        self.name(name)
    }

    pub(super) fn set_or_remove(self, name: &str, value: Option<AttributeValue>) -> Self {
        match value {
            Some(value) => self.set(name, value),
            None => self.remove(name),
        }
    }

    /// Adds to a number, or to a set.
    pub(super) fn add(mut self, name: &str, value: AttributeValue) -> Self {
        self.add.push(format!("#{name} :{name}"));
        self.with(name, value)
    }

    /// Removes elements from a set.
    pub(super) fn delete(mut self, name: &str, value: AttributeValue) -> Self {
        self.delete.push(format!("#{name} :{name}"));
        self.with(name, value)
    }

    /// Adds a condition to those that the update already has. `names` are the attributes that it aliases.
    pub(super) fn only_if(mut self, condition: &'static str, names: &[&str]) -> Self {
        self.condition.push(condition);
        names.iter().fold(self, |update, name| update.name(name))
    }

    pub(super) fn value(mut self, name: &str, value: AttributeValue) -> Self {
        self.values.insert(name.to_owned(), value);
        self
    }

    fn name(mut self, name: &str) -> Self {
        self.names.insert(format!("#{name}"), name.to_owned());
        self
    }

    fn with(self, name: &str, value: AttributeValue) -> Self {
        self.name(name).value(&format!(":{name}"), value)
    }

    pub(super) fn wake(self, endpoint: &EndpointId, at: Option<Timestamp>) -> Self {
        self.set_or_remove("wakePk", at.map(|_| text(wake_pk(endpoint)))).set_or_remove("wakeAt", at.map(milliseconds))
    }

    /// Schedules a wake-up at that time, unless one is scheduled.
    pub(super) fn wake_unless_known(mut self, endpoint: &EndpointId, at: Timestamp) -> Self {
        for (name, value) in [("wakePk", text(wake_pk(endpoint))), ("wakeAt", milliseconds(at))] {
            self.set.push(format!("#{name} = if_not_exists(#{name}, :{name})"));
            self = self.with(name, value);
        }
        self
    }

    /// Sets the health, and what the index of the fleet has of it.
    pub(super) fn health(self, endpoint: &EndpointId, health: Health) -> Self {
        let attention = !matches!(health, Health::Healthy { .. });
        let update = self.set_or_remove(FLEET_PK, attention.then(|| text(attention_pk(endpoint))));
        match health {
            Health::Healthy { misses, rejections } => update
                .set("health", text("healthy"))
                .set("misses", number(misses))
                .set("rejections", number(rejections)),
            Health::Failing { since, failed_probes, probe_at, warned } => update
                .set("health", text("failing"))
                .set("since", milliseconds(since))
                .set("failedProbes", number(failed_probes))
                .set("probeAt", milliseconds(probe_at))
                .set("warned", AttributeValue::Bool(warned)),
            Health::Disabled { since, reason } => update
                .set("health", text("disabled"))
                .set("since", milliseconds(since))
                .set("disabledReason", text(reason.as_str())),
        }
    }

    /// Sets all settings.
    pub(super) fn settings(self, settings: EndpointSettings) -> Self {
        let EndpointSettings { paused, paused_until, subscription, max_per_second, .. } = settings;
        let EndpointSettings { on_backlog, secret_headers, name, description, contact, .. } = settings;
        self.secret_headers(&secret_headers).changed_settings(&SettingsPatch {
            paused: Some(paused),
            paused_until,
            process_names: Some(subscription.process_names),
            changed: Some(subscription.changed),
            conditions: Some(subscription.conditions),
            max_per_second: Some(max_per_second),
            on_backlog: Some(on_backlog),
            secret_headers: Vec::new(),
            name: Some(name),
            description: Some(description),
            contact: Some(contact),
        })
    }

    /// Sets all secret headers.
    pub(super) fn secret_headers(self, headers: &SecretHeaders) -> Self {
        self.set_or_remove(SECRET_HEADERS, to_attribute(headers))
    }

    /// Sets the changed settings, except for secret headers, and a new revision.
    ///
    /// A setting that cannot be read stays as it is unless it is changed: its default may not be the stored value.
    pub(super) fn changed_settings(self, change: &SettingsPatch) -> Self {
        let mut update = self.set("settingsRevision", text(Revision::random().as_str()));
        if let Some(paused) = change.paused {
            let until = change.paused_until.filter(|_| paused);
            update = update
                .set("paused", AttributeValue::Bool(paused))
                .set_or_remove("pausedUntil", until.map(milliseconds));
        }
        if let Some(names) = &change.process_names {
            update = update.set("processNames", AttributeValue::L(names.iter().map(text).collect()));
        }
        if let Some(paths) = &change.changed {
            let paths: Vec<_> = paths.iter().map(|path| text(path.as_str())).collect();
            update = update.set_or_remove("changed", (!paths.is_empty()).then_some(AttributeValue::L(paths)));
        }
        if let Some(conditions) = &change.conditions {
            let map = conditions.iter().map(|(path, any)| (path.to_string(), list(any))).collect();
            update = update.set_or_remove("where", (!conditions.is_empty()).then_some(AttributeValue::M(map)));
        }
        if let Some(bound) = change.max_per_second {
            update = update.set_or_remove("maxPerSecond", bound.map(number));
        }
        if let Some(on_backlog) = change.on_backlog {
            let latest = (on_backlog == OnBacklog::Latest).then(|| text(on_backlog.as_str()));
            update = update.set_or_remove("onBacklog", latest);
        }
        let texts = [("name", &change.name), ("description", &change.description), ("contact", &change.contact)];
        let changed = texts.into_iter().filter_map(|(name, change)| Some((name, change.as_ref()?)));
        changed.fold(update, |update, (name, value)| update.set_or_remove(name, value.as_ref().map(text)))
    }

    /// Removes an attribute unless the update sets it: an expression may contain a name only once.
    pub(super) fn remove_unless_set(self, name: &str) -> Self {
        if self.names.contains_key(&format!("#{name}")) { self } else { self.remove(name) }
    }

    /// Returns the update expression.
    pub(super) fn expression(&self) -> String {
        let clauses = [("SET", &self.set), ("REMOVE", &self.remove), ("ADD", &self.add), ("DELETE", &self.delete)];
        let clauses = clauses.into_iter().filter(|(_, parts)| !parts.is_empty());
        clauses.map(|(verb, parts)| format!("{verb} {}", parts.join(", "))).collect::<Vec<_>>().join(" ")
    }

    /// Returns the condition expression, if there is a condition.
    pub(super) fn condition(&self) -> Option<String> {
        let all: Vec<_> = self.condition.iter().map(|condition| format!("({condition})")).collect();
        (!all.is_empty()).then(|| all.join(" AND "))
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

fn list(conditions: &[Condition]) -> AttributeValue {
    let value = |condition: &Condition| match condition {
        Condition::Is(is) => text(is),
        Condition::Prefix { prefix } => AttributeValue::M(HashMap::from([("prefix".to_owned(), text(prefix))])),
    };
    AttributeValue::L(conditions.iter().map(value).collect())
}

/// Converts a set of keys; `None` if it is empty, because DynamoDB has no empty sets.
pub(super) fn keys(keys: &BTreeSet<InstanceKey>) -> Option<AttributeValue> {
    (!keys.is_empty()).then(|| AttributeValue::Ns(keys.iter().map(ToString::to_string).collect()))
}

/// Returns the name of the attribute that counts the appends of a partition.
pub(super) fn appends_of(partition: u8) -> String {
    format!("appends{partition:x}")
}

pub(super) fn key(workspace: &WorkspaceId, endpoint: &EndpointId) -> HashMap<String, AttributeValue> {
    HashMap::from([
        ("pk".to_owned(), text(workspace.as_str())),
        ("sk".to_owned(), text(format!("endpoint#{endpoint}"))),
    ])
}

/// Returns the stored name of a published state.
pub(super) fn published_state(published_state: PublishedState) -> &'static str {
    match published_state {
        PublishedState::Working => "working",
        PublishedState::Failing => "failing",
        PublishedState::AboutToBeDisabled => "about-to-be-disabled",
        PublishedState::Disabled => "disabled",
    }
}
