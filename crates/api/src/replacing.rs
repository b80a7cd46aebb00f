//! Effects of changed callbacks on endpoints: a replaced endpoint hands everything over to its successor, a removed one
//! is forgotten, and an added one starts as never called.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;

use super::endpoint_body::configured;
use super::{ApiState, Problem, ProblemType};
use webhooks_model::callback_url::{CallbackUrl, trim};
use webhooks_model::callbacks::{Callbacks, InvalidReplacement, MAX_URLS, Replaced, replacements};
use webhooks_model::credentials::SecretHeaders;
use webhooks_model::endpoint::{Endpoint, EndpointId, EndpointRecord};
use webhooks_model::event::EventType;
use webhooks_model::workspace::WorkspaceId;
use webhooks_store::{Inherited, StoreError, StoredCallbacks};

/// Number of added endpoints that are reset concurrently.
const CONCURRENT: usize = 8;

/// Parses the replacements: old URLs by new URL.
///
/// # Errors
/// A [`Problem`] if a text is not a valid URL, or if there are more than [`MAX_URLS`].
pub(super) fn read(replaces: &BTreeMap<String, String>) -> Result<BTreeMap<CallbackUrl, CallbackUrl>, Problem> {
    if replaces.len() > MAX_URLS {
        return Err(invalid(format!(
            "{} URLs are given, and at most {MAX_URLS} can be replaced at a time",
            replaces.len()
        )));
    }
    let url = |text: &String| CallbackUrl::try_from(trim(text).to_owned()).map_err(|error| invalid(error.to_string()));
    replaces.iter().map(|(new, old)| Ok((url(new)?, url(old)?))).collect()
}

fn invalid(detail: String) -> Problem {
    let detail = format!("nothing was changed; in replaces: {detail}");
    Problem::in_field(ProblemType::InvalidField, detail, "replaces".to_owned())
}

impl From<InvalidReplacement> for Problem {
    fn from(error: InvalidReplacement) -> Self {
        invalid(format!("{}: {error}", error.url().origin()))
    }
}

/// State of an endpoint after a change of callbacks. Pure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// The endpoint is called as before.
    Stays,
    /// The endpoint is no longer called for an event type: pending deliveries of that type fail.
    CalledForLess,
    /// The endpoint is no longer configured.
    Removed,
    /// Another endpoint replaces it.
    Replaced,
    /// The record belongs to no URL: it holds events until the callbacks can be read.
    Unrouted,
}

impl Standing {
    fn of(id: &EndpointId, before: &Callbacks, after: &StoredCallbacks) -> Self {
        let called = |callbacks: &Callbacks, event_type: EventType| {
            callbacks.urls_for(event_type).iter().any(|url| EndpointId::of(url) == *id)
        };
        let is_called_for_less =
            EventType::ALL.into_iter().any(|it| called(before, it) && !called(&after.callbacks, it));
        if *id == EndpointId::unrouted() {
            Self::Unrouted
        } else if after.replaced.iter().any(|it| EndpointId::of(&it.from) == *id) {
            Self::Replaced
        } else if !after.callbacks.have(id) {
            Self::Removed
        } else if is_called_for_less {
            Self::CalledForLess
        } else {
            Self::Stays
        }
    }
}

impl ApiState {
    /// Prepares a change of callbacks: returns its replacements, and the writes that pass on the replaced endpoints' records.
    ///
    /// Added endpoints are reset, so that they start as never called, whatever an earlier one with the same URL has left. A
    /// secret that was replaced does not return, and that of a replaced endpoint goes with its record.
    pub(super) async fn prepare(
        &self,
        workspace: &WorkspaceId,
        seen: &StoredCallbacks,
        after: &Callbacks,
        replaces: &BTreeMap<CallbackUrl, CallbackUrl>,
    ) -> Result<(Vec<Replaced>, Vec<Inherited>), Problem> {
        let now = self.world.now();
        let records = self.endpoints.workspace(workspace).await?.endpoints;
        let is_left = |id: &EndpointId| records.contains_key(id);
        let replaced = replacements((&seen.callbacks, &seen.replaced), after, replaces, is_left, now)?;
        let is_damaged =
            |from: &&CallbackUrl| records.get(&EndpointId::of(from)).is_some_and(EndpointRecord::is_damaged);
        if let Some(from) = replaces.values().find(is_damaged) {
            return Err(InvalidReplacement::Damaged(from.clone()).into());
        }
        // Of damaged callbacks it is not known what they had: what has a record was there.
        let was_there = |id: &EndpointId| match seen.damage {
            Some(_) => records.contains_key(id),
            None => seen.callbacks.have(id),
        };
        let added = configured(after).into_iter().map(|it| it.endpoint).filter(|it| !was_there(&it.id));
        let started = added.map(|endpoint| async move {
            if replaces.contains_key(&endpoint.url) {
                return self.endpoints.start_afresh(workspace, &endpoint, None).await;
            }
            self.start(workspace, &endpoint, now).await
        });
        stream::iter(started).buffer_unordered(CONCURRENT).try_collect::<()>().await?;
        let mut inherited = Vec::new();
        for (to, from) in replaces {
            let is_same_origin = to.origin() == from.origin();
            let (to, from) = (Endpoint::from(to.clone()), EndpointId::of(from));
            if let Some(mut record) = heritage(&from, records.get(&from), was_there(&to.id)) {
                if !is_same_origin {
                    // A receiver's token must not be sent to another host.
                    record.settings.secret_headers = SecretHeaders::default();
                }
                self.endpoints.mark_used(workspace, &from).await?;
                inherited.push(self.endpoints.inherit(workspace, &to, &record, now)?);
            }
        }
        Ok((replaced, inherited))
    }

    /// Resets an added endpoint. If an earlier secret of its URL was replaced, it gets a new one.
    async fn start(&self, workspace: &WorkspaceId, endpoint: &Endpoint, now: Timestamp) -> Result<(), StoreError> {
        let secret = match self.endpoints.next_generation(workspace, &endpoint.id).await? {
            0 => None,
            _ => Some(self.endpoints.fresh_secret(workspace, &endpoint.id, now).await?),
        };
        self.endpoints.start_afresh(workspace, endpoint, secret).await
    }

    /// Applies a change of callbacks to the endpoints. Failures are logged; the next change or wake-up repeats the
    /// work.
    pub(super) async fn follow(&self, workspace: &WorkspaceId, before: &StoredCallbacks, after: &StoredCallbacks) {
        let records = match self.endpoints.workspace(workspace).await {
            Ok(state) => state.endpoints,
            Err(error) => {
                tracing::error!(%workspace, %error, "the backlogs of changed URLs could not be updated; the next wake-up will do it");
                return;
            }
        };
        let follow = records.iter().map(|(id, record)| async move {
            let standing = Standing::of(id, &before.callbacks, after);
            if let Err(error) = self.follow_one(workspace, (id, record), standing, (before, after)).await {
                tracing::error!(endpoint_id = %id, %error, "an endpoint's backlog could not be updated; the next wake-up will do it");
            }
        });
        join_all(follow).await;
    }

    async fn follow_one(
        &self,
        workspace: &WorkspaceId,
        (id, record): (&EndpointId, &EndpointRecord),
        standing: Standing,
        (before, after): (&StoredCallbacks, &StoredCallbacks),
    ) -> Result<(), StoreError> {
        let has_pending = record.has_pending();
        match standing {
            Standing::Removed | Standing::Replaced if !has_pending => {
                if !self.endpoints.forget_idle(workspace, id).await? {
                    let at = record.appending_until.unwrap_or(self.world.now());
                    self.endpoints.wake_by(workspace, id, at).await?;
                }
                Ok(())
            }
            Standing::Replaced => {
                let successor = after.replaced.iter().rev().find(|it| EndpointId::of(&it.from) == *id);
                let Some(successor) = successor.map(|it| Endpoint::from(it.to.clone())) else { return Ok(()) };
                self.ask_for_a_drain(workspace, &successor).await?;
                self.wake_up(workspace, &successor.id, self.world.now()).await;
                Ok(())
            }
            Standing::Removed | Standing::CalledForLess | Standing::Unrouted if has_pending => {
                match endpoint_of(id, &before.callbacks) {
                    Some(endpoint) => self.ask_for_a_drain(workspace, &endpoint).await?,
                    None => drop(self.endpoints.wake_by(workspace, id, self.world.now()).await?),
                }
                self.wake_up(workspace, id, self.world.now()).await;
                Ok(())
            }
            Standing::Stays | Standing::CalledForLess | Standing::Removed | Standing::Unrouted => Ok(()),
        }
    }
}

/// Returns the record that an endpoint inherits from the one that it replaces, if there is anything to inherit. Pure.
///
/// An endpoint that `was_there` keeps its own secret: its receiver has it.
fn heritage(from: &EndpointId, record: Option<&EndpointRecord>, was_there: bool) -> Option<EndpointRecord> {
    if was_there {
        return record.map(|record| EndpointRecord { secret: None, ..record.clone() });
    }
    let record = record.cloned().unwrap_or_default();
    Some(EndpointRecord { secret: Some(record.secret_of(from)), ..record })
}

/// Returns the endpoint with this id, if the callbacks have it or it holds events until they can be read. Pure.
fn endpoint_of(id: &EndpointId, callbacks: &Callbacks) -> Option<Endpoint> {
    let urls = EventType::ALL.into_iter().flat_map(|it| &callbacks.of(it).urls);
    let configured = urls.cloned().map(Endpoint::from);
    configured.chain([Endpoint::unrouted()]).find(|endpoint| endpoint.id == *id)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use webhooks_model::callbacks::Callback;

    fn url(text: &str) -> CallbackUrl {
        CallbackUrl::try_from(text.to_owned()).unwrap()
    }

    fn callbacks(urls: &[&str]) -> Callbacks {
        let callback = Callback { enabled: true, urls: urls.iter().map(|it| url(it)).collect() };
        Callbacks { created: callback.clone(), updated: callback, ..Callbacks::default() }
    }

    #[test]
    fn an_endpoint_stands_as_the_callbacks_say() {
        let before = callbacks(&["http://a/", "http://b/", "http://c/", "http://d/"]);
        let mut after = StoredCallbacks { callbacks: callbacks(&["http://a/", "http://b/"]), ..Default::default() };
        after.callbacks.updated.urls.pop();
        after.replaced = vec![Replaced { from: url("http://c/"), to: url("http://a/"), at: Timestamp::UNIX_EPOCH }];
        let standing = |text: &str| Standing::of(&EndpointId::of(&url(text)), &before, &after);
        assert_eq!(standing("http://a/"), Standing::Stays);
        assert_eq!(standing("http://b/"), Standing::CalledForLess);
        assert_eq!(standing("http://c/"), Standing::Replaced);
        assert_eq!(standing("http://d/"), Standing::Removed);
        assert_eq!(Standing::of(&Endpoint::unrouted().id, &before, &after), Standing::Unrouted);
    }
}
