//! The role of a drain: it delivers an endpoint's own backlog, or moves that of an endpoint without a URL. Pure.

use std::fmt::Write;

use webhooks_model::callbacks::Replaced;
use webhooks_model::endpoint::{Endpoint, EndpointId, EndpointRecord};
use webhooks_store::WorkspaceState;

/// Role of a drain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A required item cannot be read: everything stays as it is.
    Wait {
        /// Description of the unreadable items.
        damage: String,
    },
    /// Events wait for readable callbacks: they move to the endpoints of these.
    Route,
    /// The URL is replaced: pending deliveries move to the one that replaces it.
    GiveWay {
        /// This endpoint.
        from: Endpoint,
        /// The endpoint that replaces it.
        to: Endpoint,
    },
    /// The pending deliveries of these endpoints, which this one replaces, come first.
    TakeOver(Vec<EndpointId>),
    /// Deliver the endpoint's own backlog.
    Drain,
}

impl Role {
    /// Returns the role of an endpoint's drain.
    pub(super) fn of(endpoint: &EndpointId, record: &EndpointRecord, state: &WorkspaceState) -> Self {
        let mut damage = String::new();
        if record.is_damaged() {
            _ = write!(damage, "the endpoint's {}; ", record.damaged.join(", "));
        }
        for error in state.callbacks.damage.iter().chain(&state.damaged_keys) {
            _ = write!(damage, "{error}; ");
        }
        if !damage.is_empty() {
            damage.truncate(damage.len() - 2);
            return Self::Wait { damage };
        }
        if *endpoint == EndpointId::unrouted() {
            return Self::Route;
        }
        let replaced = &state.callbacks.replaced;
        let replaces_these = replaced.iter().filter(|it| EndpointId::of(&it.to) == *endpoint);
        let left: Vec<_> =
            replaces_these.map(|it| EndpointId::of(&it.from)).filter(|id| waits(id, state, replaced.len())).collect();
        if !left.is_empty() {
            return Self::TakeOver(left);
        }
        match replaced.iter().rev().find(|it| EndpointId::of(&it.from) == *endpoint) {
            Some(Replaced { from, to, .. }) => Self::GiveWay { from: from.clone().into(), to: to.clone().into() },
            None => Self::Drain,
        }
    }
}

/// Returns whether deliveries are pending for an endpoint with a record, or for one that it replaces, up to `steps`
/// steps back.
fn waits(endpoint: &EndpointId, state: &WorkspaceState, steps: usize) -> bool {
    let mut replaces_these = state.callbacks.replaced.iter().filter(|it| EndpointId::of(&it.to) == *endpoint);
    state.endpoints.get(endpoint).is_some_and(|record| {
        record.has_pending() || steps > 0 && replaces_these.any(|it| waits(&EndpointId::of(&it.from), state, steps - 1))
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use webhooks_model::callback_url::CallbackUrl;
    use webhooks_store::StoreError;

    fn url(text: &str) -> CallbackUrl {
        CallbackUrl::try_from(text.to_owned()).unwrap()
    }

    fn id(text: &str) -> EndpointId {
        EndpointId::of(&url(text))
    }

    fn role(text: &str, state: &WorkspaceState) -> Role {
        Role::of(&id(text), &EndpointRecord::default(), state)
    }

    #[test]
    fn a_chain_of_replacements_is_handed_on_from_its_beginning() {
        let mut state = WorkspaceState::default();
        let replaced = |from, to| Replaced { from: url(from), to: url(to), at: Timestamp::UNIX_EPOCH };
        state.callbacks.replaced = vec![replaced("http://1/", "http://2/"), replaced("http://2/", "http://3/")];
        let waiting = EndpointRecord { has_backlog: true, ..EndpointRecord::default() };
        state.endpoints = [(id("http://1/"), waiting), (id("http://2/"), EndpointRecord::default())].into();
        let give_way = |from, to| Role::GiveWay { from: url(from).into(), to: url(to).into() };
        assert_eq!(role("http://1/", &state), give_way("http://1/", "http://2/"));
        assert_eq!(role("http://2/", &state), Role::TakeOver(vec![id("http://1/")]), "before it gives way");
        assert_eq!(role("http://3/", &state), Role::TakeOver(vec![id("http://2/")]));
        state.endpoints.insert(id("http://1/"), EndpointRecord::default());
        assert_eq!(role("http://2/", &state), give_way("http://2/", "http://3/"));
        assert_eq!(role("http://3/", &state), Role::Drain, "nothing waits, though the records are there still");
        for attribute in ["held", "hasBacklog", "nextDeferredAt"] {
            let damaged = EndpointRecord { damaged: vec![attribute.to_owned()], ..EndpointRecord::default() };
            state.endpoints.insert(id("http://2/"), damaged);
            assert_eq!(
                role("http://3/", &state),
                Role::TakeOver(vec![id("http://2/")]),
                "{attribute}: something may wait"
            );
        }
    }

    #[test]
    fn the_look_at_replacements_in_a_circle_ends() {
        let mut state = WorkspaceState::default();
        let replaced = |from, to| Replaced { from: url(from), to: url(to), at: Timestamp::UNIX_EPOCH };
        state.callbacks.replaced = vec![replaced("http://1/", "http://2/"), replaced("http://2/", "http://1/")];
        state.endpoints = ["http://1/", "http://2/"].map(|it| (id(it), EndpointRecord::default())).into();
        let (from, to) = (url("http://1/").into(), url("http://2/").into());
        assert_eq!(role("http://1/", &state), Role::GiveWay { from, to });
    }

    #[test]
    fn nothing_is_sent_while_something_that_it_takes_cannot_be_read() {
        let record = EndpointRecord { damaged: vec!["paused".to_owned()], ..EndpointRecord::default() };
        let mut state = WorkspaceState { damaged_keys: Some(StoreError::Conflict), ..WorkspaceState::default() };
        let Role::Wait { damage } = Role::of(&id("http://1/"), &record, &state) else { panic!("it does not wait") };
        assert_eq!(damage, format!("the endpoint's paused; {}", StoreError::Conflict));
        state.damaged_keys = None;
        assert_eq!(role("http://1/", &state), Role::Drain);
        let unrouted = Role::of(&Endpoint::unrouted().id, &EndpointRecord::default(), &state);
        assert_eq!(unrouted, Role::Route);
    }
}
