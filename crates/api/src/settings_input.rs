//! Request body of an endpoint's settings.

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::filter::Bounded;
use webhooks_store::SettingsPatch;

/// Maximum rate, in attempts per second.
const MAX_PER_SECOND: u64 = 1_000;

/// Maximum number of process names.
const MAX_PROCESS_NAMES: usize = 100;

/// Maximum length of a process name, in characters.
const MAX_NAME_CHARACTERS: usize = 256;

/// A change of an endpoint's settings. Settings that are left out stay as they are.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SettingsInput {
    /// Whether to pause sending. Deliveries are kept, and are sent in order when the pause ends.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = bool)]
    paused: Option<bool>,
    /// Processes whose instances the endpoint receives; empty for all. At most 100, each of at most 256 characters.
    #[serde(default, deserialize_with = "given")]
    #[schema(schema_with = names_schema)]
    process_names: Option<ProcessNames>,
    /// Maximum number of attempts per second, 1 to 1,000; null for no limit.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u64>, minimum = 1, maximum = 1_000)]
    max_per_second: Option<Option<Bounded<MAX_PER_SECOND>>>,
}

fn names_schema() -> utoipa::openapi::schema::Schema {
    use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Type};
    let name = ObjectBuilder::new().schema_type(Type::String).max_length(Some(MAX_NAME_CHARACTERS));
    let description = "Processes whose instances the endpoint receives; empty for all.";
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

/// Distinguishes a value, including null, from one that is left out.
pub(super) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Process names, each once, in the order given.
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
