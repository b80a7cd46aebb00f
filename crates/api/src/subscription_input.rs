//! The events that an endpoint receives, as given in a request.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use utoipa::openapi::schema::{AdditionalProperties, ArrayBuilder, Object, ObjectBuilder, OneOfBuilder, Schema, Type};

use webhooks_model::subscription::{AttributePath, Condition, MAX_PATH_CHARACTERS, MAX_TEXT_CHARACTERS};

/// Maximum number of process names.
const MAX_PROCESS_NAMES: usize = 100;

/// Maximum length of a process name, in characters.
const MAX_NAME_CHARACTERS: usize = 256;

/// Maximum number of attributes of which one must have changed.
const MAX_CHANGED: usize = 20;

/// Maximum length of their paths together, in bytes.
const MAX_CHANGED_BYTES: usize = 2_048;

/// Maximum number of attributes with conditions.
const MAX_WHERE: usize = 10;

/// Maximum number of conditions of one attribute.
const MAX_CONDITIONS: usize = 20;

/// Maximum length of the paths and texts of all conditions together, in bytes.
const MAX_WHERE_BYTES: usize = 4_096;

/// Process names, each once, in the order given.
pub(super) struct ProcessNames(pub(super) Vec<String>);

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

/// Paths of attributes, each once, in the order given.
pub(super) struct ChangedPaths(pub(super) Vec<AttributePath>);

impl<'de> Deserialize<'de> for ChangedPaths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let given = Vec::<AttributePath>::deserialize(deserializer)?;
        let mut paths = Vec::new();
        for path in given {
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
        within(paths.len(), MAX_CHANGED, "attributes")?;
        within(paths.iter().map(|path| path.as_str().len()).sum(), MAX_CHANGED_BYTES, "bytes of paths")?;
        Ok(Self(paths))
    }
}

/// Conditions by path. Equal conditions of one attribute count once.
pub(super) struct Conditions(pub(super) BTreeMap<AttributePath, Vec<Condition>>);

impl<'de> Deserialize<'de> for Conditions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ByPath;
        impl<'de> Visitor<'de> for ByPath {
            type Value = Conditions;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object such as {\"status\": [\"Approved\"]}")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Conditions, A::Error> {
                let mut all = BTreeMap::new();
                let mut bytes = 0;
                while let Some(path) = map.next_key::<AttributePath>()? {
                    let AnyOf(any) = map.next_value()?;
                    bytes += path.as_str().len() + any.iter().map(|it| it.text().len()).sum::<usize>();
                    match all.entry(path) {
                        Entry::Vacant(entry) => _ = entry.insert(any),
                        Entry::Occupied(entry) => {
                            let detail = format!("{:?} is given twice; list all its values once", entry.key().as_str());
                            return Err(A::Error::custom(detail));
                        }
                    }
                }
                within(all.len(), MAX_WHERE, "attributes")?;
                within(bytes, MAX_WHERE_BYTES, "bytes of paths and values")?;
                Ok(Conditions(all))
            }
        }
        deserializer.deserialize_map(ByPath)
    }
}

struct AnyOf(Vec<Condition>);

impl<'de> Deserialize<'de> for AnyOf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let given = Vec::<Condition>::deserialize(deserializer)?;
        let mut any = Vec::new();
        for condition in given {
            if !any.contains(&condition) {
                any.push(condition);
            }
        }
        if any.is_empty() {
            return Err(D::Error::custom(
                "no value is given, so nothing would be sent; give one, or leave the attribute out",
            ));
        }
        within(any.len(), MAX_CONDITIONS, "values")?;
        Ok(Self(any))
    }
}

fn within<E: Error>(given: usize, bound: usize, what: &str) -> Result<(), E> {
    match given <= bound {
        true => Ok(()),
        false => Err(E::custom(format!("{given} {what} are given; at most {bound} are allowed"))),
    }
}

fn text(characters: usize) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).max_length(Some(characters))
}

pub(super) fn process_names() -> Schema {
    let description = "Processes whose instances the endpoint receives; empty for all.";
    let names = ArrayBuilder::new().items(text(MAX_NAME_CHARACTERS)).max_items(Some(MAX_PROCESS_NAMES));
    names.description(Some(description)).into()
}

pub(super) fn changed() -> Schema {
    let description = "Paths of attributes of which one must have changed in an update, such as `status`, \
        `customer.country` or `steps[0].name`; empty for all updates. A backslash takes the next character literally. \
        At most 2,048 bytes in all.";
    let paths = ArrayBuilder::new().items(text(MAX_PATH_CHARACTERS).min_length(Some(1))).max_items(Some(MAX_CHANGED));
    paths.description(Some(description)).into()
}

pub(super) fn conditions() -> Schema {
    let description = "Conditions by the path of an attribute; empty for none. Each attribute must fulfil one of its \
        own: after the change, or before a deletion. At most 10 attributes, and 4,096 bytes in all.";
    let condition = OneOfBuilder::new().item(text(MAX_TEXT_CHARACTERS).description(Some("The exact value."))).item(
        ObjectBuilder::new()
            .property("prefix", text(MAX_TEXT_CHARACTERS).description(Some("The beginning of the value.")))
            .required("prefix")
            .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false))),
    );
    let any = ArrayBuilder::new().items(condition).min_items(Some(1)).max_items(Some(MAX_CONDITIONS));
    let all: Object = ObjectBuilder::new()
        .additional_properties(Some(AdditionalProperties::RefOr(Schema::from(any).into())))
        .description(Some(description))
        .build();
    all.into()
}
