//! Common parts of the OpenAPI document: path parameters and error responses. A call's own annotation takes precedence.

use axum::http::Method;
use utoipa::openapi::header::Header;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, ParameterStyle, PathItem};
use utoipa::openapi::request_body::RequestBody;
use utoipa::openapi::schema::{Object, ObjectBuilder, Schema, Type};
use utoipa::openapi::{Content, ContentBuilder, OpenApi, Ref, RefOr, Required, Response, ResponseBuilder};

use super::listed;
use webhooks_model::workspace::WorkspaceId;

/// Pattern of an endpoint id.
const ENDPOINT_ID: &str = "^[0-9a-f]{32}$";

/// Pattern of a delivery id: endpoint, partition, milliseconds since 1970, sequence number.
const DELIVERY_ID: &str = "^[0-9a-f]{32}-[0-9a-f]-(0|[1-9][0-9]{0,12})-[0-9]{1,40}-[0-9a-f]{16}$";

/// Pattern of a cursor of the log: the key of a delivery, and the workspace's mark.
const LOG_CURSOR: &str = "^[0-9]{13}[.][0-9a-f]{32}-[0-9a-f]-(0|[1-9][0-9]{0,12})-[0-9]{1,40}[.][0-9a-f]{8}$";

/// Pattern of a cursor of the audit: the id of an entry, and the workspace's mark.
const AUDIT_CURSOR: &str = "^[0-9]{14}-[0-9a-f]{32}[.][0-9a-f]{8}$";

/// Pattern of `*` or a comma-separated list of entity tags (RFC 9110, section 8.8.3).
const ENTITY_TAGS: &str = "^([*]|(W/)?\"[!#-~]*\"(, ?(W/)?\"[!#-~]*\")*)$";

/// Pattern of a text without control characters (Unicode's category Cc) and what a path cannot carry.
const WORKSPACE: &str = "^[^\\u0000-\\u001f\\u007f-\\u009f/?%]*$";

/// Completes the document that was generated from the calls' annotations.
pub(super) fn complete(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            for parameter in operation.parameters.iter_mut().flatten() {
                if let RefOr::T(parameter) = parameter {
                    complete_parameter(path, parameter);
                }
            }
            if let Some(RefOr::T(body)) = &mut operation.request_body {
                complete_body(body);
            }
            if path.starts_with("/v1/workspaces") {
                complete_responses(path, &method, operation);
            }
            if path.starts_with("/v1/") && method == Method::GET {
                entity_tag(operation);
            }
        }
    }
}

/// Returns the operations of a path.
pub(super) fn operations(item: &mut PathItem) -> impl Iterator<Item = (Method, &mut Operation)> {
    let all = [
        (Method::GET, &mut item.get),
        (Method::PUT, &mut item.put),
        (Method::POST, &mut item.post),
        (Method::PATCH, &mut item.patch),
        (Method::DELETE, &mut item.delete),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

fn complete_parameter(path: &str, parameter: &mut Parameter) {
    if let Some(RefOr::T(Schema::Array(_))) = &parameter.schema {
        return complete_list(parameter);
    }
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let schema: Object = match &*parameter.name {
        "workspace" => {
            text().min_length(Some(1)).max_length(Some(WorkspaceId::MAX_CHARACTERS)).pattern(Some(WORKSPACE)).build()
        }
        "endpointID" => text().pattern(Some(ENDPOINT_ID)).build(),
        "deliveryID" => text().pattern(Some(DELIVERY_ID)).build(),
        "cursor" if path == "/v1/workspaces" => {
            text().min_length(Some(1)).max_length(Some(WorkspaceId::MAX_CHARACTERS)).pattern(Some(WORKSPACE)).build()
        }
        "cursor" if path.ends_with("/audit") => text().pattern(Some(AUDIT_CURSOR)).build(),
        "cursor" => text().pattern(Some(LOG_CURSOR)).build(),
        "If-Match" => text().pattern(Some(ENTITY_TAGS)).examples(["*"]).build(),
        _ => return,
    };
    parameter.schema = Some(schema.into());
    if parameter.parameter_in == ParameterIn::Path {
        parameter.required = Required::True;
    }
}

/// Completes a parameter with several values, which are separated by commas.
fn complete_list(parameter: &mut Parameter) {
    (parameter.style, parameter.explode) = (Some(ParameterStyle::Form), Some(false));
    parameter.description = listed::description(&parameter.name).map(str::to_owned);
}

/// Completes the schema of a body. An optional body is never null when it is present.
fn complete_body(body: &mut RequestBody) {
    for content in body.content.values_mut() {
        let RefOr::T(Content { schema: Some(schema), .. }) = content else { continue };
        if let RefOr::T(Schema::OneOf(either)) = schema
            && let Some(reference) = either.items.iter().find(|item| matches!(item, RefOr::Ref(_)))
        {
            *schema = reference.clone();
        }
    }
}

fn complete_responses(path: &str, method: &Method, operation: &mut Operation) {
    let has = |name: &str| path.contains(&format!("{{{name}}}"));
    let has_body = operation.request_body.is_some();
    let conditional = operation.parameters.iter().flatten().any(|parameter| match parameter {
        RefOr::T(parameter) => parameter.name == "If-Match",
        RefOr::Ref(_) => false,
    });
    let changes = *method != Method::GET;
    let problems = [
        ("400", true, "The workspace, a parameter or a precondition is invalid, or the body is not JSON"),
        ("404", has("eventType"), "There is no such event type"),
        ("404", has("endpointID"), "No URL of the callbacks is this endpoint"),
        ("404", has("deliveryID"), "There is no such delivery"),
        ("409", changes, "Too many concurrent changes"),
        ("412", conditional, "The resource has changed since the caller read it"),
        ("413", has_body, "The body is larger than any valid one"),
        ("415", has_body, "The body is not declared as JSON, or is encoded"),
        ("422", has_body, "A field is unknown, missing or invalid; it is named"),
        ("500", true, "The stored data cannot be read"),
        ("503", true, "The table is unavailable; whether anything was changed is unknown"),
    ];
    let responses = &mut operation.responses.responses;
    for (status, _, description) in problems.into_iter().filter(|(_, possible, _)| *possible) {
        responses.entry(status.to_owned()).or_insert_with(|| problem(description).into());
    }
}

/// Describes the entity tag that every GET below /v1/ has.
fn entity_tag(operation: &mut Operation) {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let condition = ParameterBuilder::new()
        .name("If-None-Match")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("The `ETag` of what the caller has"))
        .schema(Some(text().pattern(Some(ENTITY_TAGS)).examples(["*"])))
        .build();
    operation.parameters.get_or_insert_default().push(RefOr::T(condition));
    let responses = &mut operation.responses.responses;
    if let Some(RefOr::T(ok)) = responses.get_mut("200") {
        ok.headers.insert("ETag".to_owned(), RefOr::T(Header::new(text().build())));
    }
    let not_modified = ResponseBuilder::new().description("The caller has what would be returned").build();
    responses.insert("304".to_owned(), not_modified.into());
    responses.entry("400".to_owned()).or_insert_with(|| problem("If-None-Match is invalid").into());
}

/// Returns an error response with a problem document.
pub(super) fn problem(description: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(description).content("application/problem+json", content).build()
}
