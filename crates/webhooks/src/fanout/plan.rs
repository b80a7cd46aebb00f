//! Whom to tell what, and in which order. Pure.

use std::collections::HashMap;

use crate::callbacks::{CallbackUrl, Callbacks};
use crate::delivery::Endpoint;
use crate::event::Event;
use crate::workspace::WorkspaceId;

/// What one endpoint is to be told.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct EndpointPlan {
    /// The endpoint.
    pub(super) endpoint: Endpoint,
    /// The events of one instance each, as indices, in the order of the stream. Lanes are independent of each other.
    pub(super) lanes: Vec<Vec<usize>>,
}

/// Every delivery of a batch. Events of a workspace without entry in `callbacks` are not in the plan.
pub(super) fn plan(events: &[Event], callbacks: &HashMap<WorkspaceId, Callbacks>) -> Vec<EndpointPlan> {
    let mut plans: Vec<EndpointPlan> = Vec::new();
    let mut endpoints: HashMap<(&WorkspaceId, &CallbackUrl), usize> = HashMap::new();
    let mut lanes: HashMap<(usize, &str), usize> = HashMap::new();

    for (index, event) in events.iter().enumerate() {
        let Some(callbacks) = callbacks.get(&event.workspace) else { continue };
        for url in callbacks.urls_for(event.event_type) {
            let endpoint = *endpoints.entry((&event.workspace, url)).or_insert_with(|| {
                plans.push(EndpointPlan { endpoint: Endpoint::from(url.clone()), lanes: Vec::new() });
                plans.len() - 1
            });
            let plan = &mut plans[endpoint];
            let lane = *lanes.entry((endpoint, &event.instance_id)).or_insert_with(|| {
                plan.lanes.push(Vec::new());
                plan.lanes.len() - 1
            });
            plan.lanes[lane].push(index);
        }
    }
    plans
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::callbacks::Callback;
    use crate::event::EventType::{self, Created, Deleted, Updated};

    fn event(workspace: &str, instance: &str, event_type: EventType) -> Event {
        Event {
            id: "e".into(),
            sequence_number: "1".into(),
            event_type,
            workspace: WorkspaceId::try_from(workspace.to_owned()).unwrap(),
            instance_id: instance.into(),
            process_name: "p".into(),
            changed_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn callback(enabled: bool, urls: &[&str]) -> Callback {
        Callback { enabled, urls: urls.iter().map(|url| CallbackUrl::try_from((*url).to_owned()).unwrap()).collect() }
    }

    fn planned(events: &[Event], callbacks: &[(&str, Callbacks)]) -> Vec<(String, Vec<Vec<usize>>)> {
        let callbacks = callbacks
            .iter()
            .map(|(workspace, callbacks)| (WorkspaceId::try_from((*workspace).to_owned()).unwrap(), callbacks.clone()))
            .collect();
        let plans = plan(events, &callbacks);
        plans.into_iter().map(|plan| (plan.endpoint.url.as_str().to_owned(), plan.lanes)).collect()
    }

    #[test]
    fn each_event_type_goes_to_its_own_urls_and_a_switch_that_is_off_to_none() {
        let callbacks = Callbacks {
            created: callback(true, &["http://a/", "http://b/"]),
            updated: callback(false, &["http://a/"]),
            deleted: callback(true, &["http://a/"]),
        };
        let events = [event("w", "1", Created), event("w", "1", Updated), event("w", "1", Deleted)];
        let plan = planned(&events, &[("w", callbacks)]);
        assert_eq!(plan, [("http://a/".to_owned(), vec![vec![0, 2]]), ("http://b/".to_owned(), vec![vec![0]])]);
    }

    #[test]
    fn the_events_of_an_instance_share_a_lane_and_other_instances_do_not_wait_for_it() {
        let callbacks = Callbacks {
            created: callback(true, &["http://a/"]),
            updated: callback(true, &["http://a/"]),
            ..Callbacks::default()
        };
        let events = [event("w", "1", Created), event("w", "2", Created), event("w", "1", Updated)];
        assert_eq!(planned(&events, &[("w", callbacks)]), [("http://a/".to_owned(), vec![vec![0, 2], vec![1]])]);
    }

    #[test]
    fn the_same_url_is_another_endpoint_in_another_workspace_and_an_unread_workspace_is_left_out() {
        let callbacks = Callbacks { created: callback(true, &["http://a/"]), ..Callbacks::default() };
        let events = [event("v", "1", Created), event("w", "1", Created), event("unread", "1", Created)];
        let plan = planned(&events, &[("v", callbacks.clone()), ("w", callbacks)]);
        assert_eq!(plan, [("http://a/".to_owned(), vec![vec![0]]), ("http://a/".to_owned(), vec![vec![1]])]);
    }
}
