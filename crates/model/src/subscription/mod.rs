//! Subscriptions: which events an endpoint receives, of those that its callbacks are for.

mod condition;
mod path;
mod value;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::event::{Event, EventType, Images};
use value::is_same;

pub use condition::{Condition, MAX_TEXT_CHARACTERS};
pub use path::{AttributePath, InvalidPath, MAX_PATH_CHARACTERS};

/// Which events an endpoint receives. The default is all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    /// Processes whose instances the endpoint receives; empty for all.
    #[serde(default)]
    pub process_names: Vec<String>,
    /// Attributes of which one must have changed in an update; empty for all updates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<AttributePath>,
    /// Conditions by attribute. Each attribute must fulfil one of its own. Empty for none.
    #[serde(default, rename = "where", skip_serializing_if = "BTreeMap::is_empty")]
    pub conditions: BTreeMap<AttributePath, Vec<Condition>>,
}

/// The setting that excludes an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExcludedBy {
    /// `processNames`: its instance is of another process.
    ProcessNames,
    /// `changed`: none of the attributes has changed.
    Changed,
    /// `where`: an attribute does not fulfil its conditions.
    Conditions,
}

impl Subscription {
    /// Returns whether an event is included. `images` is called only if that depends on the instance's attributes.
    ///
    /// Conditions are about the item after the change; for a deletion, about the item before it. What the record of the
    /// stream does not have excludes nothing.
    pub fn includes<'i>(&self, event: &Event, images: impl FnOnce() -> &'i Images) -> bool {
        self.excluded_by(event, images).is_none()
    }

    /// Returns the first setting that excludes an event; `None` if it is [included](Self::includes).
    pub fn excluded_by<'i>(&self, event: &Event, images: impl FnOnce() -> &'i Images) -> Option<ExcludedBy> {
        if !self.includes_process(&event.process_name) {
            return Some(ExcludedBy::ProcessNames);
        }
        if self.changed.is_empty() && self.conditions.is_empty() {
            return None;
        }
        let Images { old, new } = images();
        let has_changed = match (event.event_type, old, new) {
            (EventType::Updated, Some(old), Some(new)) => self.has_changed(old, new),
            _ => true,
        };
        if !has_changed {
            return Some(ExcludedBy::Changed);
        }
        let image = if event.event_type == EventType::Deleted { old } else { new };
        let fulfils = image.as_ref().is_none_or(|image| self.is_fulfilled_by(image));
        (!fulfils).then_some(ExcludedBy::Conditions)
    }

    /// Returns whether instances of this process are included.
    pub fn includes_process(&self, process_name: &str) -> bool {
        self.process_names.is_empty() || self.process_names.iter().any(|name| name == process_name)
    }

    fn has_changed(&self, old: &Value, new: &Value) -> bool {
        let differs = |path: &AttributePath| match (path.find(old), path.find(new)) {
            (Some(old), Some(new)) => !is_same(old, new),
            (old, new) => old.is_some() || new.is_some(),
        };
        self.changed.is_empty() || self.changed.iter().any(differs)
    }

    fn is_fulfilled_by(&self, image: &Value) -> bool {
        let fulfils = |value: &Value, any: &[Condition]| any.iter().any(|condition| condition.is_fulfilled_by(value));
        self.conditions.iter().all(|(path, any)| path.find(image).is_some_and(|value| fulfils(value, any)))
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;
    use crate::workspace::WorkspaceId;

    fn event(event_type: EventType) -> Event {
        Event {
            id: "e".to_owned(),
            sequence_number: "1".to_owned(),
            event_type,
            workspace: WorkspaceId::default_workspace(),
            instance_id: "i".to_owned(),
            process_name: "Order".to_owned(),
            changed_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn subscription(json: Value) -> Subscription {
        serde_json::from_value(json).unwrap()
    }

    fn item(status: &str) -> Value {
        json!({"status": {"S": status}, "priority": {"N": "1"}, "customer": {"M": {"tags": {"SS": ["a", "b"]}}}})
    }

    fn includes(json: Value, event_type: EventType, old: Option<Value>, new: Option<Value>) -> bool {
        subscription(json).includes(&event(event_type), || Box::leak(Box::new(Images { old, new })))
    }

    #[test]
    fn without_conditions_and_for_another_process_no_image_is_read() {
        let unread = || -> &Images { panic!("the images are read") };
        assert!(Subscription::default().includes(&event(EventType::Updated), unread));
        assert!(
            subscription(json!({"processNames": ["Invoice", "Order"]})).includes(&event(EventType::Created), unread)
        );
        let other = json!({"processNames": ["Invoice"], "changed": ["status"], "where": {"status": ["a"]}});
        assert!(!subscription(other).includes(&event(EventType::Updated), unread));
    }

    #[test]
    fn an_update_is_included_if_one_of_the_attributes_changed_and_other_events_always() {
        let changed = || json!({"changed": ["status", "customer.tags"]});
        let includes = |event_type, old, new| includes(changed(), event_type, old, new);
        assert!(includes(EventType::Updated, Some(item("a")), Some(item("b"))));
        assert!(!includes(EventType::Updated, Some(item("a")), Some(item("a"))));
        let mut other = item("a");
        other["priority"] = json!({"N": "2"});
        other["customer"]["M"]["tags"]["SS"] = json!(["b", "a"]);
        assert!(!includes(EventType::Updated, Some(item("a")), Some(other.clone())), "a set has no order");
        other["customer"]["M"]["tags"]["SS"] = json!(["b"]);
        assert!(includes(EventType::Updated, Some(item("a")), Some(other)), "a nested attribute");
        assert!(includes(EventType::Updated, Some(item("a")), Some(json!({}))), "it was removed");
        assert!(includes(EventType::Updated, Some(json!({})), Some(item("a"))), "it was added");
        assert!(!includes(EventType::Updated, Some(json!({})), Some(json!({}))), "neither image has one");
        assert!(includes(EventType::Updated, None, Some(item("a"))), "without the old image nothing is excluded");
        assert!(includes(EventType::Created, None, Some(item("a"))));
        assert!(includes(EventType::Deleted, Some(item("a")), None));
    }

    #[test]
    fn each_attribute_fulfils_one_of_its_conditions_after_a_change_or_before_a_deletion() {
        let approved = || json!({"where": {"status": ["Approved", {"prefix": "Re"}], "priority": ["1", "2"]}});
        let includes = |event_type, old, new| includes(approved(), event_type, old, new);
        for (status, included) in [("Approved", true), ("Rejected", true), ("Draft", false), ("approved", false)] {
            let is = || Some(item(status));
            assert_eq!(includes(EventType::Created, None, is()), included, "{status}");
            assert_eq!(includes(EventType::Updated, Some(item("Draft")), is()), included, "{status}");
            assert!(!includes(EventType::Updated, is(), Some(item("Draft"))), "the new image decides");
            assert_eq!(includes(EventType::Deleted, is(), None), included, "{status}");
        }
        let mut other = item("Approved");
        other["priority"] = json!({"N": "3"});
        assert!(!includes(EventType::Created, None, Some(other)), "all attributes, not one of them");
        assert!(!includes(EventType::Created, None, Some(json!({}))), "an attribute that is not there fulfils nothing");
        assert!(includes(EventType::Deleted, None, None), "without its image nothing is excluded");
    }

    #[test]
    fn the_first_setting_that_excludes_an_event_is_named() {
        let both = json!({"processNames": ["Order"], "changed": ["priority"], "where": {"status": ["Approved"]}});
        let excluded_by = |process: &str, old: &str, new: &str, priority: &str| {
            let mut new = item(new);
            new["priority"] = json!({"N": priority});
            let images = Images { old: Some(item(old)), new: Some(new) };
            let event = Event { process_name: process.to_owned(), ..event(EventType::Updated) };
            subscription(both.clone()).excluded_by(&event, || Box::leak(Box::new(images)))
        };
        assert_eq!(excluded_by("Invoice", "Draft", "Draft", "1"), Some(ExcludedBy::ProcessNames));
        assert_eq!(excluded_by("Order", "Draft", "Draft", "1"), Some(ExcludedBy::Changed));
        assert_eq!(excluded_by("Order", "Draft", "Draft", "2"), Some(ExcludedBy::Conditions));
        assert_eq!(excluded_by("Order", "Draft", "Approved", "2"), None);
    }

    #[test]
    fn both_must_hold_for_an_update() {
        let both = || json!({"changed": ["priority"], "where": {"status": ["Approved"]}});
        let includes = |old, new| includes(both(), EventType::Updated, Some(old), Some(new));
        let mut urgent = item("Approved");
        urgent["priority"] = json!({"N": "2"});
        assert!(includes(item("Approved"), urgent.clone()));
        assert!(!includes(item("Draft"), item("Approved")), "the condition holds, nothing changed");
        urgent["status"] = json!({"S": "Draft"});
        assert!(!includes(item("Approved"), urgent), "it changed, the condition does not hold");
    }
}
