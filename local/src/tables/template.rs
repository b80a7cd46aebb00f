//! Table definitions as the deployed stack has them: read from its template, so that there is one source of them.

use serde::Deserialize;
use std::collections::BTreeMap;
use yaml_serde::Value;

/// The stack's template, with references to parameters resolved.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Template {
    resources: BTreeMap<String, Resource>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Resource {
    r#type: String,
    #[serde(default)]
    properties: Value,
}

/// The properties of an [`AWS::DynamoDB::Table`] that an engine on this machine has a use for.
///
/// [`AWS::DynamoDB::Table`]: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html
#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TableDefinition {
    pub(crate) attribute_definitions: Vec<Attribute>,
    pub(crate) key_schema: Vec<Key>,
    #[serde(default)]
    pub(crate) global_secondary_indexes: Vec<Index>,
    pub(crate) stream_specification: Option<Stream>,
    pub(crate) time_to_live_specification: Option<TimeToLive>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Attribute {
    pub(crate) attribute_name: String,
    pub(crate) attribute_type: String,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Key {
    pub(crate) attribute_name: String,
    pub(crate) key_type: String,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Index {
    pub(crate) index_name: String,
    pub(crate) key_schema: Vec<Key>,
    pub(crate) projection: Projection,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Projection {
    pub(crate) projection_type: String,
    #[serde(default)]
    pub(crate) non_key_attributes: Vec<String>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Stream {
    pub(crate) stream_view_type: String,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TimeToLive {
    pub(crate) attribute_name: String,
    pub(crate) enabled: bool,
}

/// What is wrong with the template.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TemplateError {
    #[error("template.yaml cannot be read: {0}")]
    Unreadable(#[from] yaml_serde::Error),
    #[error("template.yaml has no resource {0}")]
    Missing(String),
    #[error("template.yaml: {resource} is an {found}, not an AWS::DynamoDB::Table")]
    NotATable { resource: String, found: String },
    #[error("template.yaml: {resource}: {source}")]
    Properties { resource: String, source: yaml_serde::Error },
}

impl Template {
    /// Reads the text of a template, with parameters as given, or else by their defaults.
    pub(crate) fn parse(text: &str, given: &[(&str, String)]) -> Result<Self, TemplateError> {
        let mut document: Value = yaml_serde::from_str(text)?;
        let mut parameters = parameter_defaults(&document);
        parameters.extend(given.iter().map(|(name, value)| ((*name).to_owned(), Value::from(value.clone()))));
        resolve(&mut document, &parameters);
        Ok(yaml_serde::from_value(document)?)
    }

    /// The table with this logical id.
    pub(crate) fn table(&self, id: &str) -> Result<TableDefinition, TemplateError> {
        let resource = self.resources.get(id).ok_or_else(|| TemplateError::Missing(id.to_owned()))?;
        if resource.r#type != "AWS::DynamoDB::Table" {
            return Err(TemplateError::NotATable { resource: id.to_owned(), found: resource.r#type.clone() });
        }
        yaml_serde::from_value(resource.properties.clone())
            .map_err(|source| TemplateError::Properties { resource: id.to_owned(), source })
    }
}

fn parameter_defaults(document: &Value) -> BTreeMap<String, Value> {
    let parameters = document.get("Parameters").and_then(Value::as_mapping).into_iter().flatten();
    parameters
        .filter_map(|(name, parameter)| Some((name.as_str()?.to_owned(), parameter.get("Default")?.clone())))
        .collect()
}

/// Puts a parameter's value wherever the template refers to it. Other functions of CloudFormation stay as they are:
/// no property that is read here has one, and the error names it should that change.
fn resolve(value: &mut Value, parameters: &BTreeMap<String, Value>) {
    match value {
        Value::Tagged(tagged) => {
            let parameter = tagged.value.as_str().filter(|_| tagged.tag == "Ref").and_then(|name| parameters.get(name));
            match parameter {
                Some(parameter) => *value = parameter.clone(),
                None => resolve(&mut tagged.value, parameters),
            }
        }
        Value::Sequence(items) => items.iter_mut().for_each(|item| resolve(item, parameters)),
        Value::Mapping(entries) => entries.iter_mut().for_each(|(_, entry)| resolve(entry, parameters)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::{Attribute, Key, Template};

    const TEMPLATE: &str = "
Parameters:
  IdAttribute: {Type: String, Default: instanceID}
  Other: {Type: String}
Conditions:
  Creates: !Equals [!Ref Other, '']
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Condition: Creates
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - {AttributeName: !Ref IdAttribute, AttributeType: S}
        - {AttributeName: at, AttributeType: N}
      KeySchema:
        - {AttributeName: !Ref IdAttribute, KeyType: HASH}
      GlobalSecondaryIndexes:
        - IndexName: byTime
          KeySchema: [{AttributeName: at, KeyType: HASH}]
          Projection: {ProjectionType: INCLUDE, NonKeyAttributes: [name]}
      StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}
      TimeToLiveSpecification: {AttributeName: expiresAt, Enabled: true}
  Unresolved:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: []
      KeySchema: [{AttributeName: !Ref Other, KeyType: HASH}]
  Queue:
    Type: AWS::SQS::Queue
";

    #[test]
    fn a_table_is_read_with_its_index_stream_and_time_to_live() {
        let table = Template::parse(TEMPLATE, &[]).unwrap().table("Table").unwrap();
        assert_eq!(table.key_schema, [Key { attribute_name: "instanceID".into(), key_type: "HASH".into() }]);
        let at = Attribute { attribute_name: "at".into(), attribute_type: "N".into() };
        assert_eq!(table.attribute_definitions[1], at);
        let index = &table.global_secondary_indexes[0];
        assert_eq!((index.index_name.as_str(), index.projection.non_key_attributes.len()), ("byTime", 1));
        assert_eq!(table.stream_specification.unwrap().stream_view_type, "NEW_AND_OLD_IMAGES");
        assert_eq!(table.time_to_live_specification.unwrap().attribute_name, "expiresAt");
    }

    #[test]
    fn a_parameter_that_is_given_replaces_its_default() {
        let template = Template::parse(TEMPLATE, &[("IdAttribute", "id".to_owned())]).unwrap();
        assert_eq!(template.table("Table").unwrap().key_schema[0].attribute_name, "id");
    }

    #[test]
    fn an_error_names_what_is_missing() {
        let template = Template::parse(TEMPLATE, &[]).unwrap();
        let error = |id: &str| template.table(id).unwrap_err().to_string();
        assert_eq!(error("Nothing"), "template.yaml has no resource Nothing");
        assert_eq!(error("Queue"), "template.yaml: Queue is an AWS::SQS::Queue, not an AWS::DynamoDB::Table");
        assert!(error("Unresolved").starts_with("template.yaml: Unresolved: "), "{}", error("Unresolved"));
    }
}
