//! Request body of an endpoint's settings.

use jiff::Timestamp;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::filter::{Bounded, Time};
use super::note::Note;
use super::secret_headers_input::{self, SecretHeadersInput};
use super::subscription_input::{ChangedPaths, Conditions, ProcessNames, changed, conditions, process_names};
use super::{Problem, ProblemType, schema};
use webhooks_model::endpoint::OnBacklog;
use webhooks_store::SettingsPatch;

/// Maximum rate, in attempts per second.
const MAX_PER_SECOND: u64 = 1_000;

/// Maximum lengths of name, description and contact, in characters.
const MAX_NAME: usize = 100;
const MAX_DESCRIPTION: usize = 500;
const MAX_CONTACT: usize = 200;

/// A change of an endpoint's settings. Settings that are left out stay as they are.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SettingsInput {
    /// Whether to pause sending. Deliveries are kept, and are sent in order when the pause ends.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = bool)]
    paused: Option<bool>,
    /// Time at which the pause ends by itself, in the future: RFC 3339, such as `2026-01-31T12:00:00Z`. Only beside
    /// `paused`: a pause without it lasts until it is ended.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = DateTime)]
    paused_until: Option<Option<Time>>,
    /// Processes whose instances the endpoint receives; empty for all. At most 100, each of at most 256 characters.
    #[serde(default, deserialize_with = "given")]
    #[schema(schema_with = process_names)]
    process_names: Option<ProcessNames>,
    /// Attributes of which one must have changed in an update, such as `status` or `customer.country`; empty for all
    /// updates. At most 20, each of at most 255 characters, and 2,048 bytes in all.
    #[serde(default, deserialize_with = "given")]
    #[schema(schema_with = changed)]
    changed: Option<ChangedPaths>,
    /// Conditions by attribute, such as `{"status": ["Approved", {"prefix": "Rej"}]}`; empty for none. At most 10
    /// attributes with 20 conditions each, and 4,096 bytes in all.
    #[serde(default, rename = "where", deserialize_with = "given")]
    #[schema(schema_with = conditions)]
    conditions: Option<Conditions>,
    /// Maximum number of attempts per second, 1 to 1,000; null for no limit.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u64>, minimum = 1, maximum = 1_000)]
    max_per_second: Option<Option<Bounded<MAX_PER_SECOND>>>,
    /// Which of the events that wait are sent: `every` one, or of an instance's updates the `latest` only.
    #[serde(default, deserialize_with = "on_backlog")]
    #[schema(value_type = schema::OnBacklog)]
    on_backlog: Option<OnBacklog>,
    #[serde(default)]
    #[schema(schema_with = secret_headers_input::schema)]
    secret_headers: SecretHeadersInput,
    /// Name for people, one line; null or blank for none.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 100, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    name: Option<Option<Note<MAX_NAME>>>,
    /// Purpose, for people; null or blank for none. It may have several lines.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 500, pattern = r"^[^\x00-\x09\x0b-\x1f\x7f-\x9f]*$")]
    description: Option<Option<Note<MAX_DESCRIPTION, true>>>,
    /// Contact for questions about the receiver, one line: a person, a team or an address; null or blank for none.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    contact: Option<Option<Note<MAX_CONTACT>>>,
}

impl SettingsInput {
    /// Returns the change of the settings.
    ///
    /// # Errors
    /// A [`Problem`] for a time at which the pause ends that is not in the future, or that has no pause.
    pub(super) fn change(self, now: Timestamp) -> Result<SettingsPatch, Problem> {
        let paused_until = end_of_pause(self.paused, self.paused_until, now)?;
        let rate = |rate: Bounded<MAX_PER_SECOND>| u32::try_from(rate.0).unwrap_or(u32::MAX);
        Ok(SettingsPatch {
            paused: self.paused,
            paused_until,
            process_names: self.process_names.map(|names| names.0),
            changed: self.changed.map(|paths| paths.0),
            conditions: self.conditions.map(|conditions| conditions.0),
            max_per_second: self.max_per_second.map(|given| given.map(rate)),
            on_backlog: self.on_backlog,
            secret_headers: self.secret_headers.0,
            name: self.name.map(|given| given.and_then(Note::text)),
            description: self.description.map(|given| given.and_then(Note::text)),
            contact: self.contact.map(|given| given.and_then(Note::text)),
        })
    }
}

/// Returns the end of a pause, as exactly as it is stored: to the millisecond.
fn end_of_pause(
    paused: Option<bool>,
    until: Option<Option<Time>>,
    now: Timestamp,
) -> Result<Option<Timestamp>, Problem> {
    let invalid = |detail: &str| {
        Problem::in_field(ProblemType::InvalidField, format!("in pausedUntil: {detail}"), "pausedUntil".to_owned())
    };
    match (paused, until) {
        (_, None) | (Some(_), Some(None)) => Ok(None),
        (None, Some(_)) => Err(invalid("it is a part of a pause; give it beside \"paused\": true")),
        (Some(false), Some(Some(_))) => Err(invalid("\"paused\" is false; leave the time out, or make it true")),
        (Some(true), Some(Some(Time(until)))) if until <= now => {
            Err(invalid(&format!("{until} is not in the future, it is {now:.0} now; choose a later time")))
        }
        (Some(true), Some(Some(Time(until)))) => {
            Ok(Some(Timestamp::from_millisecond(until.as_millisecond()).unwrap_or(until)))
        }
    }
}

/// Reads a name. (serde reads null in place of one as malformed JSON.)
fn on_backlog<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<OnBacklog>, D::Error> {
    let name = String::deserialize(deserializer)?;
    let known = OnBacklog::ALL.into_iter().find(|it| it.as_str() == name);
    known.map(Some).ok_or_else(|| D::Error::unknown_variant(&name, &["every", "latest"]))
}

/// Distinguishes a value, including null, from one that is left out.
pub(super) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
