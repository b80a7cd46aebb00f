//! Instances, written in the form of the platform's own writes.

use super::body::JsonBody;
use super::query::{Parameters, invalid};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;
use webhooks_api::{Problem, ProblemType};
use webhooks_model::event::{EventSettings, EventType, MAX_VALUE_BYTES};
use webhooks_model::workspace::WorkspaceId;

/// DynamoDB's limit on a partition key, in bytes (Developer Guide, "Quotas in Amazon DynamoDB").
const MAX_KEY_BYTES: usize = 2048;

/// Largest number of instances in a list.
const MAX_LISTED: u16 = 1000;

/// Attribute that makes the second of two equal writes a change, too. No other code reads it.
const CHANGED_AT: &str = "changedAt";

/// The instance table.
pub(crate) struct Instances {
    pub(crate) client: Client,
    pub(crate) table: String,
    /// Names of an item's attributes.
    pub(crate) names: EventSettings,
}

type Item = HashMap<String, AttributeValue>;

/// An instance in a list. An attribute that the item lacks, or has in a type other than text or number, is null.
#[derive(Serialize)]
struct Listed {
    #[serde(rename = "instanceID")]
    instance_id: Option<String>,
    #[serde(rename = "processName")]
    process_name: Option<String>,
    #[serde(rename = "workspaceID")]
    workspace_id: Option<String>,
    #[serde(rename = "changedAt")]
    changed_at: Option<String>,
}

/// An instance in a request to write it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    #[serde(rename = "processName")]
    process_name: String,
    #[serde(rename = "workspaceID")]
    workspace_id: Option<WorkspaceId>,
    #[serde(default)]
    attributes: HashMap<String, String>,
}

#[derive(Serialize)]
struct Page {
    instances: Vec<Listed>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    event_type: EventType,
}

/// Lists instances, the latest change first.
pub(super) async fn list(State(table): State<Arc<Instances>>, uri: Uri) -> Result<Response, Problem> {
    let limit = Parameters::of(&uri, &["limit"])?.get("limit", 100)?;
    if !(1..=MAX_LISTED).contains(&limit) {
        return Err(invalid(format!("the parameter limit is {limit}: it must be from 1 to {MAX_LISTED}")));
    }
    let scan = table.client.scan().table_name(&table.table).limit(limit.into()).consistent_read(true);
    let found = scan.send().await.map_err(|error| table.problem(&error))?;
    let mut instances: Vec<_> = found.items().iter().map(|item| table.listed(item)).collect();
    instances.sort_by(|a, b| b.changed_at.cmp(&a.changed_at));
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(Page { instances })).into_response())
}

/// Creates an instance, or writes it again; with `If-None-Match: *` only creates one (RFC 9110, section 13.1.2). An id is
/// the table's key, so that an instance of another workspace is in the way, too.
pub(super) async fn put(
    State(table): State<Arc<Instances>>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    JsonBody(wanted): JsonBody<Wanted>,
) -> Result<Response, Problem> {
    let id = instance_id(id)?;
    let item = table.item(id.clone(), wanted, Timestamp::now())?;
    let put = table.client.put_item().table_name(&table.table).set_item(Some(item));
    let put = put.return_values(ReturnValue::AllOld);
    let put = match only_new(&headers)? {
        true => put
            .condition_expression("attribute_not_exists(#id)")
            .expression_attribute_names("#id", &table.names.instance_id_attribute),
        false => put,
    };
    let put = put.send().await.map_err(|error| {
        match error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception) {
            true => exists_already(&id),
            false => table.problem(&error),
        }
    })?;
    let event_type = if put.attributes.is_some() { EventType::Updated } else { EventType::Created };
    Ok(Json(Written { event_type }).into_response())
}

/// Returns whether an existing instance is to be left as it is.
fn only_new(headers: &HeaderMap) -> Result<bool, Problem> {
    match headers.get(header::IF_NONE_MATCH) {
        None => Ok(false),
        Some(value) if value == "*" => Ok(true),
        Some(_) => Err(Problem::new(ProblemType::InvalidPrecondition, "If-None-Match can only be * here")),
    }
}

fn exists_already(id: &str) -> Problem {
    let detail =
        format!("an instance with the id {id:?} exists already, be it in another workspace; choose another id");
    Problem::new(ProblemType::PreconditionFailed, detail)
}

/// Deletes an instance.
pub(super) async fn delete(
    State(table): State<Arc<Instances>>,
    id: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let id = instance_id(id)?;
    let delete = table.client.delete_item().table_name(&table.table).return_values(ReturnValue::AllOld);
    let delete = delete.key(&table.names.instance_id_attribute, AttributeValue::S(id.clone()));
    match delete.send().await.map_err(|error| table.problem(&error))?.attributes {
        Some(_) => Ok(StatusCode::NO_CONTENT),
        None => Err(Problem::new(ProblemType::NotFound, format!("the table {} has no instance {id:?}", table.table))),
    }
}

fn instance_id(id: Result<Path<String>, PathRejection>) -> Result<String, Problem> {
    let Path(id) = id.map_err(|error| Problem::new(ProblemType::NotFound, error.body_text()))?;
    if id.len() > MAX_KEY_BYTES {
        let detail = format!("the instance's id has {} bytes, more than the {MAX_KEY_BYTES} of a key", id.len());
        return Err(Problem::in_field(ProblemType::InvalidField, detail, "instanceID".to_owned()));
    }
    Ok(id)
}

impl Instances {
    /// Builds the item. The attributes that the product reads take precedence over requested ones of the same name.
    fn item(&self, id: String, wanted: Wanted, now: Timestamp) -> Result<Item, Problem> {
        let invalid =
            |field: &str, detail: String| Problem::in_field(ProblemType::InvalidField, detail, field.to_owned());
        if !(1..=MAX_VALUE_BYTES).contains(&wanted.process_name.len()) {
            let detail = format!("the process's name has 1 to {MAX_VALUE_BYTES} bytes");
            return Err(invalid("processName", detail));
        }
        let names = &self.names;
        let mut own = vec![(&*names.instance_id_attribute, id), (&names.process_name_attribute, wanted.process_name)];
        own.extend(wanted.workspace_id.map(|workspace| (&*names.workspace_id_attribute, workspace.into())));
        let taken = [&names.instance_id_attribute, &names.process_name_attribute, &names.workspace_id_attribute];
        if let Some(name) = wanted.attributes.keys().find(|name| taken.contains(name) || name.is_empty()) {
            let detail = format!("{name:?} cannot be one of the other attributes: it is empty, or stands beside them");
            return Err(invalid("attributes", detail));
        }
        let text = |(name, value): (String, String)| (name, AttributeValue::S(value));
        let mut item: Item = wanted.attributes.into_iter().map(text).collect();
        item.insert(CHANGED_AT.to_owned(), AttributeValue::S(now.to_string()));
        item.extend(own.into_iter().map(|(name, value)| text((name.to_owned(), value))));
        Ok(item)
    }

    fn listed(&self, item: &Item) -> Listed {
        let text = |name: &str| match item.get(name) {
            Some(AttributeValue::S(text) | AttributeValue::N(text)) => Some(text.clone()),
            _ => None,
        };
        Listed {
            instance_id: text(&self.names.instance_id_attribute),
            process_name: text(&self.names.process_name_attribute),
            workspace_id: text(&self.names.workspace_id_attribute),
            changed_at: text(CHANGED_AT),
        }
    }

    /// Converts an error: if DynamoDB rejects the request, the caller has to fix it; any other error is the server's.
    fn problem<E>(&self, error: &SdkError<E>) -> Problem
    where
        E: std::error::Error + ProvideErrorMetadata + 'static,
    {
        let rejected = error.as_service_error().filter(|error| error.code() == Some("ValidationException"));
        if let Some(rejected) = rejected {
            let detail = format!("DynamoDB rejects it: {}", rejected.message().unwrap_or("it does not say why"));
            return Problem::new(ProblemType::InvalidField, detail);
        }
        let (table, error) = (&self.table, DisplayErrorContext(error).to_string());
        tracing::error!(table, error, "the instance table did not answer");
        Problem::new(ProblemType::StoreUnavailable, format!("the table {table} did not answer; the log says why"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn item(names: EventSettings, wanted: Value) -> Result<Item, Problem> {
        let client = Client::from_conf(
            aws_sdk_dynamodb::Config::builder()
                .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
                .build(),
        );
        let wanted = serde_json::from_value(wanted).unwrap();
        Instances { client, table: "Instances".to_owned(), names }.item(
            "4711".to_owned(),
            wanted,
            Timestamp::UNIX_EPOCH,
        )
    }

    fn written(item: &Item) -> Vec<(&str, &str)> {
        let mut all: Vec<_> = item.iter().map(|(name, value)| (&**name, &**value.as_s().unwrap())).collect();
        all.sort_unstable();
        all
    }

    #[test]
    fn an_item_has_the_attribute_names_that_are_set_and_something_that_changes_with_each_write() {
        let names = EventSettings { instance_id_attribute: "pk".to_owned(), ..EventSettings::default() };
        let wanted = json!({"processName": "Order", "workspaceID": "acme", "attributes": {"step": "2"}});
        let expected = [
            ("changedAt", "1970-01-01T00:00:00Z"),
            ("pk", "4711"),
            ("processName", "Order"),
            ("step", "2"),
            ("workspaceID", "acme"),
        ];
        assert_eq!(written(&item(names, wanted).unwrap()), expected);
        let names = EventSettings { process_name_attribute: CHANGED_AT.to_owned(), ..EventSettings::default() };
        let expected = [("changedAt", "Order"), ("instanceID", "4711")];
        assert_eq!(written(&item(names, json!({"processName": "Order"})).unwrap()), expected);
    }

    #[test]
    fn the_other_attributes_cannot_take_the_place_of_its_own() {
        for name in ["instanceID", "processName", "workspaceID", ""] {
            let wanted = json!({"processName": "Order", "attributes": {name: "x"}});
            let problem = serde_json::to_value(item(EventSettings::default(), wanted).unwrap_err()).unwrap();
            assert_eq!(problem["field"], "attributes", "{name:?}");
        }
        let problem = item(EventSettings::default(), json!({"processName": ""})).unwrap_err();
        assert_eq!(serde_json::to_value(problem).unwrap()["field"], "processName");
    }
}
