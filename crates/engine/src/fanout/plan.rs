//! Plans the deliveries of a batch: endpoints, events and their order. Pure.

use std::cell::LazyCell;

use foldhash::{HashMap, HashMapExt as _};
use jiff::Timestamp;
use webhooks_model::callback_url::CallbackUrl;
use webhooks_model::endpoint::{Endpoint, EndpointId, EndpointRecord};
use webhooks_model::event::{Event, InstanceKey, StreamEvent};
use webhooks_model::workspace::WorkspaceId;
use webhooks_store::WorkspaceState;

/// The deliveries to one endpoint.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct EndpointPlan<'a> {
    pub(super) workspace: &'a WorkspaceId,
    pub(super) endpoint: Endpoint,
    /// Stored state of the endpoint.
    pub(super) record: EndpointRecord,
    /// Events with their instances, in the order of the stream.
    pub(super) events: Vec<(InstanceKey, &'a Event)>,
}

/// Returns all deliveries of a batch that is fanned out `now`. Events of a workspace that is not in `states` are left out.
pub(super) fn plan<'a>(
    events: &'a [StreamEvent<'a>],
    states: &HashMap<WorkspaceId, WorkspaceState>,
    now: Timestamp,
) -> Vec<EndpointPlan<'a>> {
    let mut plans: Vec<EndpointPlan> = Vec::new();
    let mut endpoints: HashMap<(&WorkspaceId, Option<&CallbackUrl>), usize> = HashMap::new();

    for StreamEvent { event, images } in events {
        let Some(state) = states.get(&event.workspace) else { continue };
        let instance = InstanceKey::new(&event.instance_id);
        let images = LazyCell::new(|| images.parse());
        for url in urls(state, event) {
            let endpoint = *endpoints.entry((&event.workspace, url)).or_insert_with(|| {
                let endpoint = url.map_or_else(Endpoint::unrouted, |url| Endpoint::from(url.clone()));
                let record = record(state, &endpoint, now);
                plans.push(EndpointPlan { workspace: &event.workspace, endpoint, record, events: Vec::new() });
                plans.len() - 1
            });
            let plan = &mut plans[endpoint];
            if plan.record.settings.subscription.includes(event, || &images) {
                plan.events.push((instance, event));
            }
        }
    }
    plans.retain(|plan| !plan.events.is_empty());
    plans
}

/// Returns the URLs to call for an event; `None` is the pseudo-endpoint for events whose endpoints are unknown.
fn urls<'s>(state: &'s WorkspaceState, event: &Event) -> impl Iterator<Item = Option<&'s CallbackUrl>> + use<'s> {
    let is_unrouted = state.is_unrouted();
    let urls = if is_unrouted { &[] } else { state.callbacks.callbacks.urls_for(event.event_type) };
    is_unrouted.then_some(None).into_iter().chain(urls.iter().map(Some))
}

/// Returns an endpoint's effective record for this batch.
///
/// A pause whose time has passed is none. Events queue behind those that wait until the callbacks can be read, and
/// behind those pending for a URL that this one replaces.
fn record(state: &WorkspaceState, endpoint: &Endpoint, now: Timestamp) -> EndpointRecord {
    let mut record = state.endpoints.get(&endpoint.id).cloned().unwrap_or_default();
    record.settings = record.settings.at(now);
    let mut replaced = state.callbacks.replaced.iter().filter(|it| it.to == endpoint.url);
    record.has_backlog |= endpoint.id == EndpointId::unrouted()
        || replaced.any(|it| state.endpoints.get(&EndpointId::of(&it.from)).is_some_and(EndpointRecord::has_queued));
    record
}

#[cfg(test)]
mod tests {
    use super::*;
    use webhooks_model::callbacks::{Callback, Callbacks, Replaced};
    use webhooks_model::endpoint::{DeliveryPath, EndpointSettings};
    use webhooks_model::event::EventType::{self, Created, Deleted, Updated};
    use webhooks_model::event::{EventSettings, RawImages, Record, StreamBatch};
    use webhooks_model::subscription::Subscription;
    use webhooks_store::{StoreError, StoredCallbacks};

    fn event(workspace: &str, instance: &str, event_type: EventType) -> StreamEvent<'static> {
        let event = Event {
            id: "e".into(),
            sequence_number: "1".into(),
            event_type,
            workspace: WorkspaceId::try_from(workspace.to_owned()).unwrap(),
            instance_id: instance.into(),
            process_name: "p".into(),
            changed_at: Timestamp::UNIX_EPOCH,
        };
        StreamEvent { event, images: RawImages::default() }
    }

    fn callback(enabled: bool, urls: &[&str]) -> Callback {
        Callback { enabled, urls: urls.iter().map(|url| CallbackUrl::try_from((*url).to_owned()).unwrap()).collect() }
    }

    fn state(callbacks: Callbacks) -> WorkspaceState {
        let callbacks = StoredCallbacks { callbacks, ..StoredCallbacks::default() };
        WorkspaceState { callbacks, ..WorkspaceState::default() }
    }

    /// Returns the URLs that are called, each with the positions of its events.
    fn planned(events: &[StreamEvent<'_>], states: &[(&str, WorkspaceState)]) -> Vec<(String, Vec<usize>)> {
        let states = states
            .iter()
            .map(|(workspace, state)| (WorkspaceId::try_from((*workspace).to_owned()).unwrap(), state.clone()))
            .collect();
        let plans = plan(events, &states, Timestamp::UNIX_EPOCH);
        let position = |of: &Event| events.iter().position(|it| std::ptr::eq(&it.event, of)).unwrap();
        let events = |plan: &EndpointPlan<'_>| plan.events.iter().map(|(_, event)| position(event)).collect();
        plans.iter().map(|plan| (plan.endpoint.url.as_str().to_owned(), events(plan))).collect()
    }

    #[test]
    fn each_event_type_goes_to_its_own_urls_and_a_switch_that_is_off_to_none() {
        let callbacks = Callbacks {
            created: callback(true, &["http://a/", "http://b/"]),
            updated: callback(false, &["http://a/"]),
            deleted: callback(true, &["http://a/"]),
        };
        let events = [event("w", "1", Created), event("w", "1", Updated), event("w", "1", Deleted)];
        let plan = planned(&events, &[("w", state(callbacks))]);
        assert_eq!(plan, [("http://a/".to_owned(), vec![0, 2]), ("http://b/".to_owned(), vec![0])]);
    }

    #[test]
    fn an_endpoint_gets_events_in_the_order_of_the_stream_each_with_its_instance() {
        let callbacks = Callbacks {
            created: callback(true, &["http://a/"]),
            updated: callback(true, &["http://a/"]),
            ..Callbacks::default()
        };
        let events = [event("w", "1", Created), event("w", "2", Created), event("w", "1", Updated)];
        let states = HashMap::from_iter([(WorkspaceId::try_from("w".to_owned()).unwrap(), state(callbacks))]);
        let plans = plan(&events, &states, Timestamp::UNIX_EPOCH);
        assert_eq!(plans.len(), 1);
        let expected = events.iter().zip(["1", "2", "1"]).map(|(it, instance)| (InstanceKey::new(instance), &it.event));
        assert_eq!(plans[0].events, expected.collect::<Vec<_>>());
    }

    #[test]
    fn the_same_url_is_another_endpoint_in_another_workspace_and_an_unread_workspace_is_left_out() {
        let callbacks = Callbacks { created: callback(true, &["http://a/"]), ..Callbacks::default() };
        let events = [event("v", "1", Created), event("w", "1", Created), event("unread", "1", Created)];
        let plan = planned(&events, &[("v", state(callbacks.clone())), ("w", state(callbacks))]);
        assert_eq!(plan, [("http://a/".to_owned(), vec![0]), ("http://a/".to_owned(), vec![1])]);
    }

    #[test]
    fn while_callbacks_cannot_be_read_or_events_wait_for_that_all_are_kept_in_one_place() {
        let damaged = StoredCallbacks { damage: Some(StoreError::Conflict), ..StoredCallbacks::default() };
        let damaged = WorkspaceState { callbacks: damaged, ..WorkspaceState::default() };
        let mut read_again = state(Callbacks { created: callback(true, &["http://a/"]), ..Callbacks::default() });
        let waiting = EndpointRecord { has_backlog: true, ..EndpointRecord::default() };
        read_again.endpoints.insert(Endpoint::unrouted().id, waiting);
        for state in [damaged, read_again] {
            let events = [event("w", "1", Created), event("w", "2", Deleted)];
            let states = HashMap::from_iter([(WorkspaceId::try_from("w".to_owned()).unwrap(), state)]);
            let plans = plan(&events, &states, Timestamp::UNIX_EPOCH);
            assert_eq!(plans.len(), 1);
            assert_eq!(plans[0].endpoint, Endpoint::unrouted());
            assert_eq!(plans[0].record.delivery_path(), DeliveryPath::Backlog);
        }
    }

    #[test]
    fn events_queue_behind_what_is_pending_for_a_url_that_theirs_replaces() {
        let url = |url: &str| CallbackUrl::try_from(url.to_owned()).unwrap();
        let mut state = state(Callbacks { created: callback(true, &["http://new/"]), ..Callbacks::default() });
        let (from, to) = (url("http://old/"), url("http://new/"));
        let old = EndpointId::of(&from);
        state.callbacks.replaced = vec![Replaced { from, to, at: Timestamp::UNIX_EPOCH }];
        let path = |state: &WorkspaceState| {
            let states = HashMap::from_iter([(WorkspaceId::try_from("w".to_owned()).unwrap(), state.clone())]);
            plan(&[event("w", "1", Created)], &states, Timestamp::UNIX_EPOCH)[0].record.delivery_path()
        };
        assert_eq!(path(&state), DeliveryPath::Direct);
        state.endpoints.insert(old, EndpointRecord { has_backlog: true, ..EndpointRecord::default() });
        assert_eq!(path(&state), DeliveryPath::Backlog);
    }

    #[test]
    fn an_endpoint_is_called_for_the_processes_it_subscribes_to() {
        let mut state =
            state(Callbacks { created: callback(true, &["http://a/", "http://b/"]), ..Callbacks::default() });
        let a = Endpoint::from(CallbackUrl::try_from("http://a/".to_owned()).unwrap());
        let subscription = Subscription { process_names: vec!["another".into()], ..Subscription::default() };
        let settings = EndpointSettings { subscription, ..EndpointSettings::default() };
        state.endpoints.insert(a.id, EndpointRecord { settings, ..EndpointRecord::default() });
        assert_eq!(planned(&[event("w", "1", Created)], &[("w", state)]), [("http://b/".to_owned(), vec![0])]);
    }

    #[test]
    fn an_endpoint_is_called_for_the_changes_it_asks_for() {
        let payload = br#"{"Records": [
            {"eventID": "1", "eventName": "INSERT", "dynamodb": {"SequenceNumber": "1",
                "NewImage": {"instanceID": {"S": "1"}, "processName": {"S": "p"}, "status": {"S": "Draft"}}}},
            {"eventID": "2", "eventName": "MODIFY", "dynamodb": {"SequenceNumber": "2",
                "OldImage": {"instanceID": {"S": "1"}, "processName": {"S": "p"}, "status": {"S": "Draft"}},
                "NewImage": {"instanceID": {"S": "1"}, "processName": {"S": "p"}, "status": {"S": "Approved"}}}},
            {"eventID": "3", "eventName": "MODIFY", "dynamodb": {"SequenceNumber": "3",
                "OldImage": {"instanceID": {"S": "1"}, "processName": {"S": "p"}, "status": {"S": "Approved"}},
                "NewImage": {"instanceID": {"S": "1"}, "processName": {"S": "p"}, "status": {"S": "Approved"}}}}]}"#;
        let batch = StreamBatch::parse(payload).unwrap();
        let event = |record| match record {
            Record::Event(event) => event,
            other => panic!("not an event: {other:?}"),
        };
        let events: Vec<_> = batch.records(&EventSettings::default()).map(event).collect();
        let urls = ["http://all/", "http://changed/", "http://approved/"];
        let mut state =
            state(Callbacks { created: callback(true, &urls), updated: callback(true, &urls), ..Callbacks::default() });
        let mut subscribe = |url: &str, json: &str| {
            let subscription = serde_json::from_str(json).unwrap();
            let settings = EndpointSettings { subscription, ..EndpointSettings::default() };
            let endpoint = Endpoint::from(CallbackUrl::try_from(url.to_owned()).unwrap());
            state.endpoints.insert(endpoint.id, EndpointRecord { settings, ..EndpointRecord::default() });
        };
        subscribe("http://changed/", r#"{"changed": ["status"]}"#);
        subscribe("http://approved/", r#"{"where": {"status": ["Approved"]}}"#);
        let plan = planned(&events, &[("default", state)]);
        let to = |url: &str, events: &[usize]| (url.to_owned(), events.to_vec());
        assert_eq!(
            plan,
            [to("http://all/", &[0, 1, 2]), to("http://changed/", &[0, 1]), to("http://approved/", &[1, 2])]
        );
    }
}
