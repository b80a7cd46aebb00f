//! The check of an existing table against its definition.

use crate::template::{Attribute, Index, TableDefinition};
use aws_sdk_dynamodb::types::{KeySchemaElement, TableDescription};

/// Difference between a table and its definition. Each message says how to fix it.
#[derive(Debug, PartialEq, thiserror::Error)]
pub(crate) enum Disagreement {
    #[error(
        "it has the key {found} where {expected} is needed: delete or rename that table, or name another with INSTANCES_TABLE, WEBHOOKS_TABLE or DELIVERIES_TABLE"
    )]
    Key { expected: String, found: String },
    #[error("it has {found} where a stream with {expected} is needed: turn that on (UpdateTable, StreamSpecification)")]
    Stream { expected: String, found: String },
}

/// Checks that `found` has the keys and the stream of `definition`. It may have more.
pub(crate) fn check(definition: &TableDefinition, found: &TableDescription) -> Result<(), Disagreement> {
    let expected: Vec<String> = definition
        .key_schema
        .iter()
        .map(|key| {
            let typed = |attribute: &&Attribute| attribute.attribute_name == key.attribute_name;
            let kind = definition.attribute_definitions.iter().find(typed).map_or("?", |found| &found.attribute_type);
            format!("{} {} ({kind})", key.key_type, key.attribute_name)
        })
        .collect();
    let key = key_of(found, found.key_schema());
    if expected != key {
        return Err(Disagreement::Key { expected: expected.join(", "), found: key.join(", ") });
    }
    let Some(stream) = &definition.stream_specification else { return Ok(()) };
    let view = found
        .stream_specification()
        .filter(|found| found.stream_enabled())
        .and_then(|found| found.stream_view_type())
        .map(|view| view.as_str());
    if view == Some(&stream.stream_view_type) {
        return Ok(());
    }
    let found = view.map_or_else(|| "no stream".to_owned(), |view| format!("a stream with {view}"));
    Err(Disagreement::Stream { expected: stream.stream_view_type.clone(), found })
}

/// Returns the indexes of `definition` that `found` does not have, such as those that a new release brings.
pub(crate) fn missing<'a>(definition: &'a TableDefinition, found: &TableDescription) -> Vec<&'a Index> {
    let is_known = |index: &&Index| {
        found.global_secondary_indexes().iter().any(|known| known.index_name() == Some(&index.index_name))
    };
    definition.global_secondary_indexes.iter().filter(|index| !is_known(index)).collect()
}

fn key_of(table: &TableDescription, schema: &[KeySchemaElement]) -> Vec<String> {
    let kind = |name: &str| {
        let attribute = table.attribute_definitions().iter().find(|attribute| attribute.attribute_name() == name);
        attribute.map_or_else(|| "?".to_owned(), |attribute| attribute.attribute_type().to_string())
    };
    schema
        .iter()
        .map(|key| format!("{} {} ({})", key.key_type(), key.attribute_name(), kind(key.attribute_name())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Disagreement, check};
    use crate::template::{Attribute, Key, Stream, TableDefinition};
    use aws_sdk_dynamodb::types::{
        AttributeDefinition, KeySchemaElement, KeyType, ScalarAttributeType, StreamSpecification, StreamViewType,
        TableDescription,
    };

    fn definition() -> TableDefinition {
        TableDefinition {
            attribute_definitions: vec![Attribute { attribute_name: "id".into(), attribute_type: "S".into() }],
            key_schema: vec![Key { attribute_name: "id".into(), key_type: "HASH".into() }],
            global_secondary_indexes: vec![],
            stream_specification: Some(Stream { stream_view_type: "NEW_AND_OLD_IMAGES".into() }),
            time_to_live_specification: None,
        }
    }

    fn table(key: &str, kind: ScalarAttributeType, view: Option<StreamViewType>) -> TableDescription {
        let attribute = AttributeDefinition::builder().attribute_name(key).attribute_type(kind).build().unwrap();
        let key = KeySchemaElement::builder().attribute_name(key).key_type(KeyType::Hash).build().unwrap();
        let stream = view
            .map(|view| StreamSpecification::builder().stream_enabled(true).stream_view_type(view).build().unwrap());
        TableDescription::builder()
            .attribute_definitions(attribute)
            .key_schema(key)
            .set_stream_specification(stream)
            .build()
    }

    #[test]
    fn a_table_with_the_same_key_and_stream_is_accepted() {
        let found = table("id", ScalarAttributeType::S, Some(StreamViewType::NewAndOldImages));
        assert_eq!(check(&definition(), &found), Ok(()));
    }

    #[test]
    fn another_key_is_refused_by_name_and_by_type() {
        let key = |found: &str| Err(Disagreement::Key { expected: "HASH id (S)".into(), found: found.into() });
        let both = Some(StreamViewType::NewAndOldImages);
        assert_eq!(check(&definition(), &table("pk", ScalarAttributeType::S, both.clone())), key("HASH pk (S)"));
        assert_eq!(check(&definition(), &table("id", ScalarAttributeType::N, both)), key("HASH id (N)"));
    }

    #[test]
    fn a_stream_that_is_missing_or_shows_too_little_is_refused() {
        let stream =
            |found: &str| Err(Disagreement::Stream { expected: "NEW_AND_OLD_IMAGES".into(), found: found.into() });
        assert_eq!(check(&definition(), &table("id", ScalarAttributeType::S, None)), stream("no stream"));
        let keys = table("id", ScalarAttributeType::S, Some(StreamViewType::KeysOnly));
        assert_eq!(check(&definition(), &keys), stream("a stream with KEYS_ONLY"));
    }
}
