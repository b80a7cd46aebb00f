//! The deployed resources, read from the stack's own template, so that no definition exists twice.

mod mapping;
mod table;

pub(crate) use mapping::{FunctionDefinition, MappingDefinition};
#[cfg(test)]
pub(crate) use table::Stream;
pub(crate) use table::{Attribute, Index, Key, TableDefinition};

use serde::{Deserialize, de::DeserializeOwned};
use std::{collections::BTreeMap, env};
use yaml_serde::{Mapping, Value};

const DEPLOYED: &str = include_str!("../../../template.yaml");

/// A template, with references to parameters resolved.
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

/// Properties of a type of resource that are used on one machine.
pub(crate) trait Properties: DeserializeOwned {
    /// Name of the type.
    const TYPE: &'static str;
}

/// Error in the template.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TemplateError {
    #[error("template.yaml cannot be read: {0}")]
    Unreadable(#[from] yaml_serde::Error),
    #[error("the environment variable {variable} is {text:?}, and must be a number")]
    NotANumber { variable: String, text: String },
    #[error("template.yaml has no resource {0}")]
    Missing(String),
    #[error("template.yaml: {resource} is an {found}, not an {expected}")]
    Type { resource: String, found: String, expected: &'static str },
    #[error("template.yaml: the properties of {resource} cannot be read: {reason}")]
    Properties { resource: String, reason: yaml_serde::Error },
}

impl Template {
    /// Reads the template that is deployed. A parameter has its default unless the environment sets it:
    /// `InstanceIdAttribute` is `INSTANCE_ID_ATTRIBUTE`, the functions' own name for it, and `StreamBatchSize` is
    /// `STREAM_BATCH_SIZE`.
    pub(crate) fn deployed() -> Result<Self, TemplateError> {
        Self::parse(DEPLOYED, variable)
    }

    /// Parses a template; `given` returns the value of a parameter by the name of its variable.
    pub(super) fn parse(text: &str, given: impl Fn(&str) -> Option<String>) -> Result<Self, TemplateError> {
        let mut document: Value = yaml_serde::from_str(text)?;
        let parameters = parameters(&document, given)?;
        resolve(&mut document, &parameters);
        Ok(yaml_serde::from_value(document)?)
    }

    /// Returns the resource with this logical id.
    pub(crate) fn resource<P: Properties>(&self, id: &str) -> Result<P, TemplateError> {
        let resource = self.resources.get(id).ok_or_else(|| TemplateError::Missing(id.to_owned()))?;
        if resource.r#type != P::TYPE {
            let found = resource.r#type.clone();
            return Err(TemplateError::Type { resource: id.to_owned(), found, expected: P::TYPE });
        }
        yaml_serde::from_value(resource.properties.clone())
            .map_err(|reason| TemplateError::Properties { resource: id.to_owned(), reason })
    }
}

/// Reads a variable. An empty one counts as not set, as it does in the functions.
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Returns the values of the parameters that have one.
fn parameters(
    document: &Value,
    given: impl Fn(&str) -> Option<String>,
) -> Result<BTreeMap<String, Value>, TemplateError> {
    let declared = document.get("Parameters").and_then(Value::as_mapping).into_iter().flatten();
    let mut values = BTreeMap::new();
    for (name, parameter) in declared.filter_map(|(name, parameter)| Some((name.as_str()?, parameter))) {
        let variable = variable_of(name);
        let is_number = parameter.get("Type").and_then(Value::as_str) == Some("Number");
        let value = match given(&variable) {
            Some(text) if is_number => {
                let number: Result<u64, _> = text.parse();
                Some(number.map_err(|_| TemplateError::NotANumber { variable, text })?.into())
            }
            Some(text) => Some(text.into()),
            None => parameter.get("Default").cloned(),
        };
        values.extend(value.map(|value| (name.to_owned(), value)));
    }
    Ok(values)
}

/// Converts a parameter's name to its variable's: `InstanceIdAttribute` is `INSTANCE_ID_ATTRIBUTE`.
fn variable_of(parameter: &str) -> String {
    let mut variable = String::new();
    for character in parameter.chars() {
        if character.is_uppercase() && !variable.is_empty() {
            variable.push('_');
        }
        variable.push(character.to_ascii_uppercase());
    }
    variable
}

/// Replaces each reference to a parameter by its value. Other [computed] values become objects, as in the functions'
/// long form, so that none is read as a plain value: using one here is an error.
///
/// [computed]: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
fn resolve(value: &mut Value, parameters: &BTreeMap<String, Value>) {
    match value {
        Value::Tagged(tagged) => {
            let parameter = tagged.value.as_str().filter(|_| tagged.tag == "Ref").and_then(|name| parameters.get(name));
            *value = parameter.cloned().unwrap_or_else(|| {
                resolve(&mut tagged.value, parameters);
                Value::Mapping(Mapping::from_iter([(Value::from(tagged.tag.to_string()), tagged.value.clone())]))
            });
        }
        Value::Sequence(items) => items.iter_mut().for_each(|item| resolve(item, parameters)),
        Value::Mapping(entries) => entries.iter_mut().for_each(|(_, entry)| resolve(entry, parameters)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::{Properties, Template};
    use serde::Deserialize;

    const TEMPLATE: &str = "
Parameters:
  IdAttribute: {Type: String, Default: instanceID}
  Other: {Type: String}
  PageSize: {Type: Number, Default: 7}
Conditions:
  Creates: !Equals [!Ref Other, '']
Resources:
  Given: {Type: Example, Properties: {Name: !Ref IdAttribute, Size: !Ref PageSize, Unused: !If [Creates, 1, 2]}}
  Computed: {Type: Example, Properties: {Size: 1, Name: !Sub '${Other}'}}
  Open: {Type: Example, Properties: {Size: 1, Name: !Ref Other}}
  Queue: {Type: 'AWS::SQS::Queue'}
";

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Example {
        name: String,
        size: u8,
    }

    impl Properties for Example {
        const TYPE: &'static str = "Example";
    }

    fn read(id: &str, given: &[(&str, &str)]) -> Result<(String, u8), String> {
        let variable =
            |name: &str| given.iter().find(|(given, _)| *given == name).map(|(_, value)| (*value).to_owned());
        let example = Template::parse(TEMPLATE, variable).and_then(|template| template.resource::<Example>(id));
        example.map(|example| (example.name, example.size)).map_err(|error| error.to_string())
    }

    #[test]
    fn a_reference_to_a_parameter_is_its_default_unless_its_variable_is_set() {
        assert_eq!(read("Given", &[]).unwrap(), ("instanceID".to_owned(), 7));
        let given = [("ID_ATTRIBUTE", "id"), ("PAGE_SIZE", "8")];
        assert_eq!(read("Given", &given).unwrap(), ("id".to_owned(), 8));
        let error = read("Given", &[("PAGE_SIZE", "many")]).unwrap_err();
        assert_eq!(error, "the environment variable PAGE_SIZE is \"many\", and must be a number");
    }

    #[test]
    fn what_is_computed_is_not_taken_for_a_value() {
        for id in ["Computed", "Open"] {
            let error = read(id, &[]).unwrap_err();
            assert!(error.starts_with(&format!("template.yaml: the properties of {id} cannot be read: ")), "{error}");
        }
    }

    #[test]
    fn an_error_names_what_is_missing() {
        assert_eq!(read("Nothing", &[]).unwrap_err(), "template.yaml has no resource Nothing");
        assert_eq!(read("Queue", &[]).unwrap_err(), "template.yaml: Queue is an AWS::SQS::Queue, not an Example");
    }
}
