//! A table, as the template defines it.

use serde::Deserialize;

/// Properties of an [`AWS::DynamoDB::Table`] that an engine on this machine uses.
///
/// [`AWS::DynamoDB::Table`]:
/// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html
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

impl super::Properties for TableDefinition {
    const TYPE: &'static str = "AWS::DynamoDB::Table";
}

#[cfg(test)]
mod tests {
    use super::{Attribute, Key, TableDefinition};
    use crate::template::Template;

    const TEMPLATE: &str = "
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Condition: CreatesTable
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - {AttributeName: instanceID, AttributeType: S}
        - {AttributeName: at, AttributeType: N}
      KeySchema:
        - {AttributeName: instanceID, KeyType: HASH}
      GlobalSecondaryIndexes:
        - IndexName: byTime
          KeySchema: [{AttributeName: at, KeyType: HASH}]
          Projection: {ProjectionType: INCLUDE, NonKeyAttributes: [name]}
      StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}
      TimeToLiveSpecification: {AttributeName: expiresAt, Enabled: true}
";

    #[test]
    fn a_table_is_read_with_its_index_stream_and_time_to_live() {
        let table: TableDefinition = Template::parse(TEMPLATE, |_| None).unwrap().resource("Table").unwrap();
        assert_eq!(table.key_schema, [Key { attribute_name: "instanceID".into(), key_type: "HASH".into() }]);
        let at = Attribute { attribute_name: "at".into(), attribute_type: "N".into() };
        assert_eq!(table.attribute_definitions[1], at);
        let index = &table.global_secondary_indexes[0];
        assert_eq!((index.index_name.as_str(), index.projection.non_key_attributes.len()), ("byTime", 1));
        assert_eq!(table.stream_specification.unwrap().stream_view_type, "NEW_AND_OLD_IMAGES");
        assert_eq!(table.time_to_live_specification.unwrap().attribute_name, "expiresAt");
    }
}
