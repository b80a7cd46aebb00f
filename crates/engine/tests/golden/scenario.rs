//! The workspace that the golden files describe.

use super::*;
use webhooks_model::credentials::{SecretHeader, header_name, header_value};
use webhooks_model::endpoint::OnBacklog;
use webhooks_model::subscription::{Condition, Subscription};

pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(BEGIN + seconds).unwrap()
}

pub(super) fn url(text: &str) -> CallbackUrl {
    CallbackUrl::try_from(text.to_owned()).unwrap()
}

pub(super) fn callbacks() -> Callbacks {
    let callback = |enabled, urls: &[&str]| Callback { enabled, urls: urls.iter().map(|it| url(it)).collect() };
    Callbacks { created: callback(true, &[URL, GONE]), updated: callback(true, &[URL]), deleted: callback(false, &[]) }
}

pub(super) fn keys() -> WorkspaceKeys {
    let key = |text: &str| text.parse::<WorkspaceKey>().unwrap();
    let previous = Retiring { value: key(PREVIOUS), expires_at: in_a_century() };
    WorkspaceKeys { current: key(SECRET), previous: vec![previous] }
}

/// Returns a time that is later than that of the test.
fn in_a_century() -> Timestamp {
    at(100 * 365 * 24 * 60 * 60)
}

/// Returns a secret that was set by a user, and rotated since.
fn secret() -> EndpointSecret {
    let own = Retiring { value: SecretSource::Own(OWN.parse().unwrap()), expires_at: in_a_century() };
    let current = SecretSource::Derived { identity: endpoint(URL).id, generation: 1 };
    EndpointSecret { sources: SecretSources { current, previous: vec![own] }, changed_at: at(0) }
}

/// An event of an instance that is named after what becomes of it.
pub(super) fn event(number: i64, becomes: &str) -> Event {
    Event {
        id: format!("event-{number}"),
        sequence_number: format!("{}", 100_000_000_000_000_000_000_u128 + u128::try_from(number).unwrap()),
        event_type: if number == 1 { EventType::Created } else { EventType::Updated },
        workspace: workspace_id("default"),
        instance_id: becomes.to_owned(),
        process_name: "Order to Cash".to_owned(),
        changed_at: at(number),
    }
}

pub(super) fn missed() -> Attempt {
    Attempt {
        at: at(10),
        status: Some(503),
        latency: Duration::from_millis(41),
        failure: Some(Failure { reason: Reason::Status, detail: "answered 503 Service Unavailable".to_owned() }),
        retry_after: Some(Duration::from_secs(2)),
        body: "down for maintenance".to_owned(),
        headers: "content-type: text/plain\nx-request-id: 7f3a\n".to_owned(),
    }
}

pub(super) fn acknowledged() -> Attempt {
    let latency = Duration::from_millis(12);
    let (body, headers) = (String::new(), String::new());
    Attempt { at: at(15), status: Some(200), latency, failure: None, retry_after: None, body, headers }
}

pub(super) fn rejected() -> Failure {
    Failure { reason: Reason::Redirect, detail: "answered 302 Found".to_owned() }
}

/// Where each of the deliveries is kept, what was attempted, and what became of it.
pub(super) fn deliveries() -> [(Event, StorageState, Vec<Attempt>, Option<GiveUpReason>); 6] {
    let refused = Attempt { status: Some(302), failure: Some(rejected()), ..acknowledged() };
    [
        (event(1, "next"), StorageState::Pending(Turn::Next), vec![], None),
        (event(2, "at"), StorageState::Pending(Turn::At(at(300))), vec![missed()], None),
        (event(3, "in-flight"), StorageState::Pending(Turn::InFlight(at(30))), vec![], None),
        (event(4, "deferred"), StorageState::Deferred(at(600)), vec![missed(), missed()], None),
        (event(5, "delivered"), StorageState::Completed, vec![missed(), acknowledged()], None),
        (event(6, "failed"), StorageState::Completed, vec![refused], Some(GiveUpReason::Rejected)),
    ]
}

/// The record of an endpoint that fails while something is pending, with everything that a record may have.
pub(super) fn failing() -> EndpointRecord {
    let mut by_partition = [0; 16];
    by_partition.iter_mut().skip(1).step_by(2).for_each(|count| *count = 1);
    EndpointRecord {
        settings: EndpointSettings {
            paused: false,
            subscription: Subscription {
                process_names: vec!["Order to Cash".to_owned()],
                changed: vec!["customer.country".to_owned().try_into().unwrap()],
                conditions: [(
                    "status".to_owned().try_into().unwrap(),
                    vec![Condition::Is("Approved".to_owned()), Condition::Prefix { prefix: "Rej".to_owned() }],
                )]
                .into(),
            },
            max_per_second: Some(500),
            on_backlog: OnBacklog::Latest,
            secret_headers: [SecretHeader {
                name: header_name("authorization").unwrap(),
                value: header_value(OWN).unwrap(),
                changed_at: at(0),
            }]
            .into_iter()
            .collect(),
            ..EndpointSettings::default()
        },
        settings_revision: Some(RANDOM.to_owned()),
        secret: Some(secret()),
        health: Health::Failing { since: at(20), failed_probes: 2, probe_at: at(90), warned: true },
        late: 1,
        window: Some(32),
        has_backlog: true,
        held: BTreeSet::from([InstanceKey::new("at"), InstanceKey::new("next")]),
        appends: Appends { total: 2, by_partition },
        appending_until: Some(at(60)),
        uncounted_until: Some(at(20)),
        next_deferred_at: Some(at(600)),
        wake_at: Some(at(40)),
        leased_until: Some(at(100)),
        last_success_at: Some(at(5)),
        last_failure_at: Some(at(60)),
        last_failed_delivery: None,
        published_state: PublishedState::AboutToBeDisabled,
        unpublished_failures: 3,
        failures_published_at: Some(at(70)),
        damaged: Vec::new(),
    }
}
