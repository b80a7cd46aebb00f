//! The body that changes an endpoint's settings: what is left out stays as it is.

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::filter::Bounded;
use webhooks_store::SettingsPatch;

/// The highest rate.
const MAX_PER_SECOND: u64 = 1_000;

/// The most process names.
const MAX_PROCESS_NAMES: usize = 100;

/// The longest process name, in characters.
const MAX_NAME_CHARACTERS: usize = 256;

/// A change of an endpoint's settings. What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SettingsInput {
    /// Nothing is sent, everything is kept; when the pause ends it is delivered in order.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = bool)]
    paused: Option<bool>,
    /// Only instances of these processes are told; empty is all. At most 100, each of at most 256 characters.
    #[serde(default, deserialize_with = "given")]
    #[schema(schema_with = names_schema)]
    process_names: Option<ProcessNames>,
    /// The most attempts a second, 1 to 1,000; null is as fast as it answers.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u64>, minimum = 1, maximum = 1_000)]
    max_per_second: Option<Option<Bounded<MAX_PER_SECOND>>>,
}

fn names_schema() -> utoipa::openapi::schema::Schema {
    use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Type};
    let name = ObjectBuilder::new().schema_type(Type::String).max_length(Some(MAX_NAME_CHARACTERS));
    let description = "Only instances of these processes are told; empty is all.";
    ArrayBuilder::new().items(name).max_items(Some(MAX_PROCESS_NAMES)).description(Some(description)).into()
}

impl From<SettingsInput> for SettingsPatch {
    fn from(input: SettingsInput) -> Self {
        let rate = |rate: Bounded<MAX_PER_SECOND>| u32::try_from(rate.0).unwrap_or(u32::MAX);
        Self {
            paused: input.paused,
            process_names: input.process_names.map(|names| names.0),
            max_per_second: input.max_per_second.map(|given| given.map(rate)),
        }
    }
}

/// Tells what is there, be it null, from what is left out.
pub(super) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Each once, in the order given.
struct ProcessNames(Vec<String>);

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct ProcessName(String);

impl TryFrom<String> for ProcessName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        match name.chars().count() {
            0..=MAX_NAME_CHARACTERS => Ok(Self(name)),
            characters => {
                Err(format!("the name has {characters} characters; at most {MAX_NAME_CHARACTERS} are allowed"))
            }
        }
    }
}

impl<'de> Deserialize<'de> for ProcessNames {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let given = Vec::<ProcessName>::deserialize(deserializer)?;
        let mut names = Vec::new();
        for ProcessName(name) in given {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        if names.len() > MAX_PROCESS_NAMES {
            let detail = format!("{} process names are given; at most {MAX_PROCESS_NAMES} are allowed", names.len());
            return Err(D::Error::custom(detail));
        }
        Ok(Self(names))
    }
}
