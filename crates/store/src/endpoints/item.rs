//! The item format of an endpoint's record.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};

use super::secret::SecretItem;
use super::secret_headers::SecretHeadersItem;
use super::update::appends_of;
use crate::known;
use webhooks_model::endpoint::{Appends, DisabledReason, EndpointRecord, EndpointSettings, Health, PublishedState};
use webhooks_model::event::{InstanceKey, PARTITIONS};
use webhooks_model::signing::EndpointSecret;

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Item {
    #[serde(flatten)]
    settings: EndpointSettings,
    settings_revision: Option<String>,
    secret: Option<SecretItem>,
    secret_headers: SecretHeadersItem,
    health: HealthName,
    misses: u32,
    rejections: u32,
    since: i64,
    failed_probes: usize,
    probe_at: i64,
    warned: bool,
    #[serde(deserialize_with = "known")]
    disabled_reason: Option<DisabledReason>,
    late: u32,
    window: Option<u32>,
    has_backlog: bool,
    held: BTreeSet<InstanceKey>,
    appends: u64,
    appending_until: Option<i64>,
    uncounted_until: Option<i64>,
    #[serde(rename = "nextDeferredAt")]
    next_deferred_at: Option<i64>,
    wake_at: Option<i64>,
    #[serde(deserialize_with = "readable_time")]
    lease_until: Option<i64>,
    last_success_at: Option<i64>,
    last_failure_at: Option<i64>,
    last_failed_delivery: Option<String>,
    #[serde(deserialize_with = "known")]
    published_state: Option<PublishedState>,
    unpublished_failures: u64,
    failures_published_at: Option<i64>,
}

#[derive(Clone, Copy, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
enum HealthName {
    #[default]
    Healthy,
    Failing,
    Disabled,
}

/// Deserializes the end of a lease. One that cannot be read counts as missing: a lease is taken over then.
fn readable_time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(Option::deserialize(deserializer).unwrap_or_default())
}

fn time(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or_default()
}

/// Converts an item to its record. Attributes that cannot be read get their defaults, and their names are listed.
pub(super) fn from_item(attributes: HashMap<String, AttributeValue>) -> EndpointRecord {
    let (by_partition, mut damaged) = appends_by_partition(&attributes);
    let item: Item = serde_dynamo::from_item(attributes.clone()).unwrap_or_else(|_| {
        let alone = |(name, value): &(String, AttributeValue)| {
            serde_dynamo::from_item::<_, Item>(HashMap::from([(name.clone(), value.clone())])).is_ok()
        };
        let (readable, unreadable): (HashMap<_, _>, HashMap<_, _>) = attributes.into_iter().partition(alone);
        damaged.extend(unreadable.into_keys());
        serde_dynamo::from_item(readable).unwrap_or_default()
    });
    damaged.sort_unstable();
    let total = item.appends;
    EndpointRecord { appends: Appends { total, by_partition }, damaged, ..item.into() }
}

/// Returns the counts of appends by partition, and the names of invalid attributes.
fn appends_by_partition(attributes: &HashMap<String, AttributeValue>) -> ([u64; PARTITIONS as usize], Vec<String>) {
    let (mut counts, mut damaged) = ([0; PARTITIONS as usize], Vec::new());
    for (partition, count) in (0..).zip(&mut counts) {
        let name = appends_of(partition);
        match attributes.get(&name).map(|it| it.as_n().ok().and_then(|count| count.parse().ok())) {
            None => {}
            Some(Some(counted)) => *count = counted,
            Some(None) => damaged.push(name),
        }
    }
    (counts, damaged)
}

impl From<Item> for EndpointRecord {
    fn from(item: Item) -> Self {
        let since = time(item.since);
        let health = match item.health {
            HealthName::Healthy => Health::Healthy { misses: item.misses, rejections: item.rejections },
            HealthName::Failing => Health::Failing {
                since,
                failed_probes: item.failed_probes,
                probe_at: time(item.probe_at),
                warned: item.warned,
            },
            HealthName::Disabled => {
                Health::Disabled { since, reason: item.disabled_reason.unwrap_or(DisabledReason::FailingTooLong) }
            }
        };
        Self {
            settings: EndpointSettings { secret_headers: item.secret_headers.0, ..item.settings },
            settings_revision: item.settings_revision,
            secret: item.secret.map(EndpointSecret::from),
            health,
            late: item.late,
            window: item.window,
            has_backlog: item.has_backlog,
            held: item.held,
            appends: Appends::default(),
            appending_until: item.appending_until.map(time),
            uncounted_until: item.uncounted_until.map(time),
            next_deferred_at: item.next_deferred_at.map(time),
            wake_at: item.wake_at.map(time),
            leased_until: item.lease_until.map(time),
            last_success_at: item.last_success_at.map(time),
            last_failure_at: item.last_failure_at.map(time),
            last_failed_delivery: item.last_failed_delivery,
            published_state: item.published_state.unwrap_or_default(),
            unpublished_failures: item.unpublished_failures,
            failures_published_at: item.failures_published_at.map(time),
            damaged: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> AttributeValue {
        AttributeValue::S(text.to_owned())
    }

    #[test]
    fn an_attribute_that_cannot_be_read_is_named_and_the_others_are_read() {
        let item = HashMap::from([
            ("pk".to_owned(), text("default")),
            ("maxPerSecond".to_owned(), AttributeValue::N("5".to_owned())),
            ("paused".to_owned(), text("yes")),
            ("health".to_owned(), text("resting")),
            ("appends".to_owned(), AttributeValue::N("7".to_owned())),
            ("appendsa".to_owned(), text("7")),
            ("ofALaterRelease".to_owned(), text("?")),
        ]);
        let record = from_item(item);
        assert_eq!(record.damaged, ["appendsa", "health", "paused"]);
        assert_eq!((record.settings.max_per_second, record.appends.total), (Some(5), 7));
    }

    #[test]
    fn conditions_and_headers_that_cannot_be_read_are_damage() {
        let header = || {
            let value = [("value".to_owned(), text("a")), ("changedAt".to_owned(), AttributeValue::N("1".to_owned()))];
            AttributeValue::M(HashMap::from(value))
        };
        let unreadable = [
            ("changed", AttributeValue::L(vec![text("a..b")])),
            ("where", AttributeValue::M(HashMap::from([("a".to_owned(), text("b"))]))),
            ("secretHeaders", AttributeValue::M(HashMap::from([("host".to_owned(), header())]))),
        ];
        for (name, value) in unreadable {
            let record = from_item(HashMap::from([(name.to_owned(), value)]));
            assert_eq!(record, EndpointRecord { damaged: vec![name.to_owned()], ..EndpointRecord::default() });
        }
    }

    #[test]
    fn the_end_of_a_lease_that_cannot_be_read_is_missing() {
        let until = |value| from_item(HashMap::from([("leaseUntil".to_owned(), value)]));
        let record = until(AttributeValue::N("1000".to_owned()));
        assert_eq!(record.leased_until, Timestamp::from_second(1).ok());
        assert_eq!(until(text("soon")), EndpointRecord::default());
    }

    #[test]
    fn what_a_later_release_adds_is_no_damage() {
        let item = HashMap::from([("ofALaterRelease".to_owned(), AttributeValue::Bool(true))]);
        assert_eq!(from_item(item), EndpointRecord::default());
    }
}
