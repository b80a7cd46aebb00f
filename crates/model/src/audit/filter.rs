//! Filters of audit entries. Pure.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Action, Entry};
use crate::endpoint::EndpointId;

/// The kind of setting that a change concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// Callbacks: switches and URLs.
    Callbacks,
    /// An endpoint's settings and health.
    Endpoint,
    /// The signing secret.
    SigningSecret,
    /// The log of deliveries.
    Deliveries,
}

impl Subject {
    /// All subjects.
    pub const ALL: [Self; 4] = [Self::Callbacks, Self::Endpoint, Self::SigningSecret, Self::Deliveries];
}

impl Action {
    /// Returns the kind of setting that the action changes; `None` for an action of a later release.
    pub fn subject(self) -> Option<Subject> {
        match self {
            Self::CallbacksSet | Self::CallbacksReset => Some(Subject::Callbacks),
            Self::EndpointChanged | Self::EndpointResumed => Some(Subject::Endpoint),
            Self::SigningSecretCreated | Self::SigningSecretSet | Self::SigningSecretRotated => {
                Some(Subject::SigningSecret)
            }
            Self::DeliveriesErased => Some(Subject::Deliveries),
            Self::Other => None,
        }
    }
}

/// A filter of audit entries. Every condition that is set has to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Earliest time of the change, inclusive.
    pub since: Option<Timestamp>,
    /// Latest time of the change, exclusive.
    pub until: Option<Timestamp>,
    /// The author's id.
    pub caller: Option<String>,
    /// Kind of setting.
    pub subject: Option<Subject>,
    /// Endpoint that the change concerns: its URL was added, removed, replaced, turned on or off with its event type, or
    /// its settings or health were changed.
    pub endpoint: Option<EndpointId>,
}

impl Filter {
    /// Returns whether an entry meets every condition.
    pub fn matches(&self, entry: &Entry) -> bool {
        self.since.is_none_or(|since| entry.at >= since)
            && self.until.is_none_or(|until| entry.at < until)
            && self.caller.as_ref().is_none_or(|caller| *caller == entry.actor.id)
            && self.subject.is_none_or(|subject| entry.action.subject() == Some(subject))
            && self.endpoint.as_ref().is_none_or(|endpoint| concerns(entry, endpoint.as_str()))
    }

    /// Returns whether some entries within the range of time may not match.
    pub fn looks_inside(&self) -> bool {
        self.caller.is_some() || self.subject.is_some() || self.endpoint.is_some()
    }
}

fn concerns(entry: &Entry, endpoint: &str) -> bool {
    let Entry { from, to, .. } = entry;
    let is_it = |url: &Value| url["endpointID"] == endpoint;
    if is_it(&from["endpoint"]) || is_it(&to["endpoint"]) {
        return true;
    }
    let called = |state: &Value, event_type: &str| {
        let callback = &state[event_type];
        let listed = callback["urls"].as_array().is_some_and(|urls| urls.iter().any(is_it));
        listed.then(|| callback["enabled"] == true)
    };
    let replaced = || to["replaces"].as_array().into_iter().flatten().any(|it| is_it(&it["from"]) || is_it(&it["to"]));
    let names = [from, to].into_iter().filter_map(Value::as_object).flat_map(serde_json::Map::keys);
    names.into_iter().any(|name| called(from, name) != called(to, name)) || replaced()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Actor, EntryId};
    use serde_json::json;

    fn entry(action: Action, from: Value, to: Value) -> Entry {
        let at = Timestamp::from_second(100).unwrap();
        let id: EntryId = format!("{:014}-{}", 100_000, "0".repeat(32)).parse().unwrap();
        Entry { id, at, actor: Actor { id: "ada".to_owned(), name: None }, action, from, to }
    }

    #[test]
    fn every_condition_has_to_hold() {
        let entry = entry(Action::EndpointResumed, Value::Null, Value::Null);
        let at = |second| Some(Timestamp::from_second(second).unwrap());
        let all = Filter { since: at(100), until: at(101), caller: Some("ada".to_owned()), ..Filter::default() };
        let all = Filter { subject: Some(Subject::Endpoint), ..all };
        assert!(all.matches(&entry) && Filter::default().matches(&entry));
        for other in [
            Filter { since: at(101), ..all.clone() },
            Filter { until: at(100), ..all.clone() },
            Filter { caller: Some("Ada".to_owned()), ..all.clone() },
            Filter { subject: Some(Subject::Callbacks), ..all },
        ] {
            assert!(!other.matches(&entry), "{other:?}");
        }
    }

    #[test]
    fn a_change_concerns_the_urls_that_it_changes() {
        let url = |id: u8| json!({ "endpointID": format!("{id:032x}") });
        let state = |enabled: bool, urls: &[Value]| json!({ "created": { "enabled": enabled, "urls": urls } });
        let concerned = |from: &Value, to: &Value| {
            let entry = entry(Action::CallbacksSet, from.clone(), to.clone());
            let endpoint = |id: u8| EndpointId::try_from(format!("{id:032x}")).unwrap();
            let of = |id: u8| Filter { endpoint: Some(endpoint(id)), ..Filter::default() };
            (1..=3).filter(|id| of(*id).matches(&entry)).collect::<Vec<_>>()
        };
        let both = state(true, &[url(1), url(2)]);
        assert_eq!(concerned(&both, &both), Vec::<u8>::new(), "nothing changed");
        assert_eq!(concerned(&both, &state(true, &[url(2), url(3)])), [1, 3], "one came, one went");
        assert_eq!(concerned(&both, &state(false, &[url(1), url(2)])), [1, 2], "turned off");
        assert_eq!(concerned(&both, &Value::Null), [1, 2], "reset");
        let mut moved = both.clone();
        moved["replaces"] = json!([{ "from": url(3), "to": url(1) }]);
        assert_eq!(concerned(&both, &moved), [1, 3], "replaced");
        assert_eq!(concerned(&json!({ "endpoint": url(2) }), &json!({ "endpoint": url(2) })), [2]);
    }
}
