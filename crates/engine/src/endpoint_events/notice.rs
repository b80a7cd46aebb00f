//! What an event about an endpoint says, to programs and to people. Pure.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use url::Url;

use webhooks_model::endpoint::{DisabledReason, EndpointId, EndpointRecord, EndpointSettings, Health, PublishedState};
use webhooks_model::workspace::WorkspaceId;

/// Minimum time between two events about failed deliveries of an endpoint.
const BETWEEN_FAILURES: Duration = Duration::from_secs(60 * 60);

/// What happened to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occurrence {
    /// Its health changed.
    Health(Health),
    /// It rejected this number of deliveries until their retries ended.
    DeliveriesFailed(u64),
}

/// An event about an endpoint: the `detail`, as `docs/events.md` documents it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Notice<'a> {
    #[serde(rename = "workspaceID")]
    pub(super) workspace: &'a WorkspaceId,
    #[serde(rename = "endpointID")]
    pub(super) endpoint: &'a EndpointId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failing_since: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) failed_deliveries: Option<u64>,
    pub(super) link: String,
    pub(super) message: String,
}

impl<'a> Notice<'a> {
    /// Creates the notice of an occurrence. `console` is the console's address.
    pub(super) fn new(
        (workspace, endpoint): (&'a WorkspaceId, &'a EndpointId),
        settings: &'a EndpointSettings,
        occurrence: Occurrence,
        console: &Url,
    ) -> Self {
        let link = link(console, workspace, endpoint);
        let (failing_since, reason, failed_deliveries) = match occurrence {
            Occurrence::Health(Health::Failing { since, .. }) => (Some(since), None, None),
            Occurrence::Health(Health::Disabled { reason, .. }) => (None, Some(reason.as_str()), None),
            Occurrence::Health(Health::Healthy { .. }) => (None, None, None),
            Occurrence::DeliveriesFailed(count) => (None, None, Some(count)),
        };
        let subject =
            format!("Endpoint {} of workspace {workspace}", settings.name.as_deref().unwrap_or(endpoint.as_str()));
        let contact = settings.contact.as_ref().map(|contact| format!(" Contact: {contact}.")).unwrap_or_default();
        let message = format!("{} {}{}", inactive(&subject), what_happened(occurrence), inactive(&contact));
        Self {
            workspace,
            endpoint,
            name: settings.name.as_deref(),
            description: settings.description.as_deref(),
            contact: settings.contact.as_deref(),
            failing_since,
            reason,
            failed_deliveries,
            message: format!("{message} {link}"),
            link,
        }
    }
}

/// Returns the `detail-type` of an occurrence.
pub(super) fn kind(occurrence: Occurrence) -> &'static str {
    match occurrence {
        Occurrence::Health(health) => match published_state(health) {
            PublishedState::Working => "Endpoint recovered",
            PublishedState::Failing => "Endpoint failing",
            PublishedState::AboutToBeDisabled => "Endpoint about to be disabled",
            PublishedState::Disabled => "Endpoint disabled",
        },
        Occurrence::DeliveriesFailed(_) => "Endpoint deliveries failed",
    }
}

/// Returns the state to publish for a health.
pub fn published_state(health: Health) -> PublishedState {
    match health {
        Health::Healthy { .. } => PublishedState::Working,
        Health::Failing { warned: false, .. } => PublishedState::Failing,
        Health::Failing { warned: true, .. } => PublishedState::AboutToBeDisabled,
        Health::Disabled { .. } => PublishedState::Disabled,
    }
}

/// Returns whether failed deliveries of the endpoint are to be published: at most once an hour.
pub fn publishes_failures(record: &EndpointRecord, now: Timestamp) -> bool {
    record.unpublished_failures > 0 && record.failures_published_at.is_none_or(|at| at + BETWEEN_FAILURES <= now)
}

/// Returns the address of the endpoint's page.
fn link(console: &Url, workspace: &WorkspaceId, endpoint: &EndpointId) -> String {
    let mut link = console.clone();
    if let Ok(mut path) = link.path_segments_mut() {
        path.pop_if_empty().extend(["workspaces", workspace.as_str(), "endpoints", endpoint.as_str()]);
    }
    link.into()
}

/// Returns the second half of a sentence about an endpoint, and what to do.
fn what_happened(occurrence: Occurrence) -> String {
    match occurrence {
        Occurrence::Health(Health::Healthy { .. }) => "works again. What waits for it is being delivered.".to_owned(),
        Occurrence::Health(Health::Failing { since, warned: false, .. }) => {
            format!("is failing since {since:.0}. Its deliveries wait, and are sent in order when it works again.")
        }
        Occurrence::Health(Health::Failing { since, .. }) => {
            format!(
                "has acknowledged nothing since {since:.0} and will be disabled soon. What waits for it will fail then."
            )
        }
        Occurrence::Health(Health::Disabled { reason: DisabledReason::Gone, .. }) => {
            format!("is disabled, because it responded 410 Gone. {UNTIL_RESUMED}")
        }
        Occurrence::Health(Health::Disabled { reason: DisabledReason::FailingTooLong, .. }) => {
            format!("is disabled, because it has acknowledged nothing for too long. {UNTIL_RESUMED}")
        }
        Occurrence::DeliveriesFailed(1) => {
            "has rejected a delivery until its retries ended. Fix the cause, then replay it.".to_owned()
        }
        Occurrence::DeliveriesFailed(count) => {
            format!("has rejected {count} deliveries until their retries ended. Fix the cause, then replay them.")
        }
    }
}

const UNTIL_RESUMED: &str = "Its deliveries fail until it is resumed; they can be replayed.";

/// Replaces the characters with which a chat mentions people, or hides where a link leads.
fn inactive(text: &str) -> String {
    text.replace(['<', '['], "(").replace(['>', ']'], ")")
}

#[cfg(test)]
mod tests {
    use super::*;
    use webhooks_model::endpoint::Endpoint;

    fn at(text: &str) -> Timestamp {
        text.parse().expect(text)
    }

    fn message(settings: &EndpointSettings, occurrence: Occurrence) -> String {
        let (workspace, endpoint) = (WorkspaceId::try_from("a#b c".to_owned()).unwrap(), Endpoint::unrouted().id);
        let console = "https://console.example/".parse().unwrap();
        let notice = Notice::new((&workspace, &endpoint), settings, occurrence, &console);
        notice.message.replace(endpoint.as_str(), "ID")
    }

    #[test]
    fn a_message_says_what_happened_and_what_to_do_and_where() {
        let unnamed = EndpointSettings::default();
        let named = EndpointSettings {
            name: Some("Billing".to_owned()),
            contact: Some("billing@example.com".to_owned()),
            ..EndpointSettings::default()
        };
        let since = at("2026-01-31T12:00:00Z");
        let failing = |warned| Occurrence::Health(Health::Failing { since, failed_probes: 1, probe_at: since, warned });
        let disabled = |reason| Occurrence::Health(Health::Disabled { since, reason });
        insta::assert_snapshot!(message(&named, failing(false)), @"Endpoint Billing of workspace a#b c is failing since 2026-01-31T12:00:00Z. Its deliveries wait, and are sent in order when it works again. Contact: billing@example.com. https://console.example/workspaces/a%23b%20c/endpoints/ID");
        insta::assert_snapshot!(message(&unnamed, failing(true)), @"Endpoint ID of workspace a#b c has acknowledged nothing since 2026-01-31T12:00:00Z and will be disabled soon. What waits for it will fail then. https://console.example/workspaces/a%23b%20c/endpoints/ID");
        insta::assert_snapshot!(message(&unnamed, disabled(DisabledReason::Gone)), @"Endpoint ID of workspace a#b c is disabled, because it responded 410 Gone. Its deliveries fail until it is resumed; they can be replayed. https://console.example/workspaces/a%23b%20c/endpoints/ID");
        insta::assert_snapshot!(message(&unnamed, disabled(DisabledReason::FailingTooLong)), @"Endpoint ID of workspace a#b c is disabled, because it has acknowledged nothing for too long. Its deliveries fail until it is resumed; they can be replayed. https://console.example/workspaces/a%23b%20c/endpoints/ID");
        insta::assert_snapshot!(message(&unnamed, Occurrence::Health(Health::default())), @"Endpoint ID of workspace a#b c works again. What waits for it is being delivered. https://console.example/workspaces/a%23b%20c/endpoints/ID");
        insta::assert_snapshot!(message(&unnamed, Occurrence::DeliveriesFailed(1)), @"Endpoint ID of workspace a#b c has rejected a delivery until its retries ended. Fix the cause, then replay it. https://console.example/workspaces/a%23b%20c/endpoints/ID");
        insta::assert_snapshot!(message(&named, Occurrence::DeliveriesFailed(20)), @"Endpoint Billing of workspace a#b c has rejected 20 deliveries until their retries ended. Fix the cause, then replay them. Contact: billing@example.com. https://console.example/workspaces/a%23b%20c/endpoints/ID");
    }

    #[test]
    fn a_name_neither_mentions_people_nor_links() {
        let name = Some("<!channel> [log in](https://evil.example)".to_owned());
        let settings = EndpointSettings { name, ..EndpointSettings::default() };
        let message = message(&settings, Occurrence::DeliveriesFailed(1));
        assert!(message.starts_with("Endpoint (!channel) (log in)(https://evil.example) of workspace"), "{message}");
    }

    #[test]
    fn failures_are_published_at_once_and_then_once_an_hour() {
        let now = at("2026-01-31T12:00:00Z");
        let record = |unpublished_failures, published: Option<&str>| EndpointRecord {
            unpublished_failures,
            failures_published_at: published.map(at),
            ..EndpointRecord::default()
        };
        for (count, published, expected) in [
            (0, None, false),
            (1, None, true),
            (1, Some("2026-01-31T11:00:00Z"), true),
            (1, Some("2026-01-31T11:00:01Z"), false),
            (0, Some("2026-01-31T10:00:00Z"), false),
        ] {
            assert_eq!(publishes_failures(&record(count, published), now), expected, "{count} {published:?}");
        }
    }
}
