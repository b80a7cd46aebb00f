//! Endpoint updates by administrators and developers. Each is written in one transaction with its audit entry.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{AttributeValue, Update as TransactUpdate};
use http::{HeaderName, HeaderValue};
use jiff::Timestamp;

use super::EndpointsStore;
use super::secret::SECRET;
use super::update::SECRET_HEADERS;
use super::update::{Update, milliseconds, number, published_state, text};
use crate::StoreError;
use crate::transaction::{self, Change};
use webhooks_model::audit::{Author, Entry};
use webhooks_model::credentials::SecretHeaders;
use webhooks_model::endpoint::{Endpoint, EndpointRecord, EndpointSettings, Health, OnBacklog, PublishedState};
use webhooks_model::signing::EndpointSecret;
use webhooks_model::subscription::{AttributePath, Condition, Subscription};
use webhooks_model::workspace::WorkspaceId;

/// Maximum number of attempts of a change that conflicts with concurrent ones.
const ATTEMPTS: usize = 8;

/// A change of an endpoint's settings; `None` leaves a setting unchanged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingsPatch {
    /// Whether sending is paused.
    pub paused: Option<bool>,
    /// Time at which the pause ends by itself. A change of `paused` without it removes it.
    pub paused_until: Option<Timestamp>,
    /// Processes whose instances the endpoint receives.
    pub process_names: Option<Vec<String>>,
    /// Attributes of which one must have changed in an update.
    pub changed: Option<Vec<AttributePath>>,
    /// Conditions by attribute.
    pub conditions: Option<BTreeMap<AttributePath, Vec<Condition>>>,
    /// Maximum number of attempts per second; `Some(None)` removes the limit.
    pub max_per_second: Option<Option<u32>>,
    /// Which of the events that wait are sent.
    pub on_backlog: Option<OnBacklog>,
    /// Secret headers to set, or without a value to remove. Others stay.
    pub secret_headers: Vec<(HeaderName, Option<HeaderValue>)>,
    /// Name; `Some(None)` removes it, as for the two below.
    pub name: Option<Option<String>>,
    /// Description.
    pub description: Option<Option<String>>,
    /// Contact.
    pub contact: Option<Option<String>>,
}

impl SettingsPatch {
    /// Returns whether one of these attributes is among the changed settings.
    fn names_any(&self, attributes: &[String]) -> bool {
        let names = [
            ("paused", self.paused.is_some()),
            ("pausedUntil", self.paused.is_some()),
            ("processNames", self.process_names.is_some()),
            ("changed", self.changed.is_some()),
            ("where", self.conditions.is_some()),
            ("maxPerSecond", self.max_per_second.is_some()),
            ("onBacklog", self.on_backlog.is_some()),
            (SECRET_HEADERS, !self.secret_headers.is_empty()),
            ("name", self.name.is_some()),
            ("description", self.description.is_some()),
            ("contact", self.contact.is_some()),
        ];
        names.into_iter().any(|(name, is_set)| is_set && attributes.iter().any(|it| it == name))
    }

    fn secret_headers_after(&self, before: &SecretHeaders, now: Timestamp) -> SecretHeaders {
        let mut headers = before.clone();
        self.secret_headers.iter().for_each(|(name, value)| headers.set(name, value.clone(), now));
        headers
    }

    fn subscription(&self, before: &Subscription) -> Subscription {
        Subscription {
            process_names: self.process_names.as_ref().unwrap_or(&before.process_names).clone(),
            changed: self.changed.as_ref().unwrap_or(&before.changed).clone(),
            conditions: self.conditions.as_ref().unwrap_or(&before.conditions).clone(),
        }
    }

    /// Returns the settings after the change at `now`.
    pub fn applied_to(&self, before: &EndpointSettings, now: Timestamp) -> EndpointSettings {
        let text = |change: &Option<Option<String>>, before: &Option<String>| change.as_ref().unwrap_or(before).clone();
        EndpointSettings {
            paused: self.paused.unwrap_or(before.paused),
            paused_until: self.paused.map_or(before.paused_until, |paused| self.paused_until.filter(|_| paused)),
            subscription: self.subscription(&before.subscription),
            max_per_second: self.max_per_second.unwrap_or(before.max_per_second),
            on_backlog: self.on_backlog.unwrap_or(before.on_backlog),
            secret_headers: self.secret_headers_after(&before.secret_headers, now),
            name: text(&self.name, &before.name),
            description: text(&self.description, &before.description),
            contact: text(&self.contact, &before.contact),
        }
    }
}

/// The write that passes an endpoint's record on to the endpoint that replaces it.
#[derive(Debug)]
pub struct Inherited(pub(crate) TransactUpdate);

impl EndpointsStore {
    /// Returns the write that gives an endpoint the settings and the health history of the endpoint that it replaces, and
    /// the sources of its secret, if there are any.
    ///
    /// If that one was failing or disabled, this one is probed at once.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub fn inherit(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        from: &EndpointRecord,
        now: Timestamp,
    ) -> Result<Inherited, StoreError> {
        let times = [("lastSuccessAt", from.last_success_at), ("lastFailureAt", from.last_failure_at)];
        let update = Update::new()
            .settings(from.settings.clone())
            .health(&endpoint.id, from.health.resumed(now))
            .set("url", text(endpoint.url.as_str()))
            .set("publishedState", text(published_state(from.published_state)));
        let update =
            times.into_iter().fold(update, |update, (name, at)| update.set_or_remove(name, at.map(milliseconds)));
        let update = match &from.secret {
            Some(secret) => self.with_secret(update, workspace, endpoint, Some(secret.clone()))?,
            None => update,
        };
        self.transact(workspace, endpoint, update).map(Inherited)
    }

    /// Resets an endpoint that is configured again, as if it had never been called. Pending deliveries stay.
    ///
    /// Earlier settings, and the fact that it was disabled, must not return unnoticed. Without `secret` its secret is the
    /// first one of its URL, and no record is created.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn start_afresh(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        secret: Option<EndpointSecret>,
    ) -> Result<(), StoreError> {
        let update = match secret {
            Some(_) => Update::new().set("url", text(endpoint.url.as_str())),
            None => Update::new().only_if("attribute_exists(pk)", &[]),
        };
        let update = self
            .with_secret(update, workspace, endpoint, secret)?
            .settings(EndpointSettings::default())
            .health(&endpoint.id, Health::default())
            .set("late", number(0))
            .set("publishedState", text(published_state(PublishedState::default())))
            .remove("window")
            .remove("lastSuccessAt")
            .remove("lastFailureAt")
            .remove("lastFailedDelivery")
            .remove("unpublishedFailures")
            .remove("failuresPublishedAt");
        self.conditional(self.update(workspace, &endpoint.id, update)).await.map(drop)
    }

    /// Changes settings. An endpoint with pending deliveries is woken now. Setting the stored values writes nothing.
    ///
    /// # Errors
    /// [`StoreError::Conflict`], [`StoreError::Unavailable`], [`StoreError::Damaged`].
    pub async fn change(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        change: &SettingsPatch,
        author: Author<'_>,
    ) -> Result<EndpointRecord, StoreError> {
        let now = author.world.now();
        self.decide(workspace, endpoint, |before| {
            let after = change.applied_to(&before.settings, now);
            if after == before.settings && !change.names_any(&before.damaged) {
                return None;
            }
            let entry = Entry::endpoint_changed(author, endpoint, &before.settings, &after);
            let update = match change.secret_headers.is_empty() {
                true => Update::new(),
                false => Update::new().secret_headers(&after.secret_headers),
            };
            Some((update.changed_settings(change).wake(&endpoint.id, Some(now)), entry))
        })
        .await
    }

    /// Resumes a failing or disabled endpoint, or one with a damaged record, whose unreadable attributes are reset. A
    /// secret that cannot be read is replaced by a new one.
    ///
    /// For a healthy endpoint, and for one whose probe is already due, nothing is written.
    ///
    /// # Errors
    /// [`StoreError::Conflict`], [`StoreError::Unavailable`], [`StoreError::Damaged`].
    pub async fn resume(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        author: Author<'_>,
    ) -> Result<EndpointRecord, StoreError> {
        let now = author.world.now();
        let fresh = match self.get(workspace, &endpoint.id).await?.is_damaged_in(SECRET) {
            true => Some(self.fresh_secret(workspace, &endpoint.id, now).await?),
            false => None,
        };
        self.decide(workspace, endpoint, |before| {
            let after = before.health.resumed(now);
            if before.health.is_tried_at(now) && !before.is_damaged() {
                return None;
            }
            let entry = Entry::endpoint_resumed(author, endpoint, before, after);
            let update = Update::new().health(&endpoint.id, after).wake(&endpoint.id, Some(now));
            // A running drain must not end before it has seen this.
            let update = match before.is_damaged_in("appends") {
                true => update.set("appends", number(1)),
                false => update.add("appends", number(1)),
            };
            // What was held may be among what cannot be read: everything queues until the backlog is drained.
            let update = match before.is_damaged() {
                true => update.set("hasBacklog", AttributeValue::Bool(true)),
                false => update,
            };
            let update = match fresh.clone().filter(|_| before.is_damaged_in(SECRET)) {
                Some(fresh) => self.with_secret(update, workspace, endpoint, Some(fresh)).ok()?,
                None => update,
            };
            // Without its sources the secret would be the first one again, which someone may have.
            let reset = before.damaged.iter().filter(|name| *name != SECRET);
            Some((reset.fold(update, |update, name| update.remove_unless_set(name)), entry))
        })
        .await
    }

    /// Reads, decides, and writes under optimistic locking of the settings. `decision` returns `None` if there is
    /// nothing to do.
    async fn decide(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        decision: impl Fn(&EndpointRecord) -> Option<(Update, Entry)>,
    ) -> Result<EndpointRecord, StoreError> {
        for _ in 0..ATTEMPTS {
            let before = self.get(workspace, &endpoint.id).await?;
            let Some((update, entry)) = decision(&before) else { return Ok(before) };
            let update = update.set("url", text(endpoint.url.as_str()));
            match self.audited(workspace, endpoint, update, before.settings_revision.as_ref(), &entry).await {
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
                Ok(()) => return self.get(workspace, &endpoint.id).await,
            }
        }
        Err(StoreError::Conflict)
    }

    /// Writes an update and its audit entry, if the settings have not changed since `seen`.
    pub(super) async fn audited(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        update: Update,
        seen: Option<&String>,
        entry: &Entry,
    ) -> Result<(), StoreError> {
        let update = match seen {
            None => update.value(":text", text("S")).only_if("NOT attribute_type(settingsRevision, :text)", &[]),
            Some(seen) => update.value(":seen", text(seen)).only_if("settingsRevision = :seen", &[]),
        };
        let update = self.transact(workspace, endpoint, update)?;
        transaction::write(
            &self.client,
            &self.table,
            workspace,
            [Change::Update(update)],
            (entry, self.audit_retention),
        )
        .await
    }

    /// Converts an update to a part of a transaction.
    fn transact(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        update: Update,
    ) -> Result<TransactUpdate, StoreError> {
        let update = self.update(workspace, &endpoint.id, update).as_input().clone();
        TransactUpdate::builder()
            .table_name(&self.table)
            .set_key(update.get_key().clone())
            .set_update_expression(update.get_update_expression().clone())
            .set_expression_attribute_names(update.get_expression_attribute_names().clone())
            .set_expression_attribute_values(update.get_expression_attribute_values().clone())
            .set_condition_expression(update.get_condition_expression().clone())
            .build()
            .map_err(|error| StoreError::unbuilt(&self.table, &error))
    }
}
