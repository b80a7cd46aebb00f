//! The routes of the console.

use crate::files::{self, CONSOLE, File};
use crate::settings::ConsoleSettings;
use crate::sign_in::SignIn;
use crate::{headers, pages, serve};
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use std::sync::Arc;

/// Returns whether this build includes the console.
pub fn is_built() -> bool {
    !CONSOLE.is_empty()
}

/// Builds the router for the console's paths and no others: the page at every path that a link into it may have, the
/// files that the page names, and `/console.json`, which describes the sign-in. All of them are public.
pub fn router(settings: ConsoleSettings) -> Router {
    serving(CONSOLE, settings)
}

#[derive(Clone)]
struct Console {
    files: &'static [File],
    settings: Arc<ConsoleSettings>,
}

fn serving(files: &'static [File], settings: ConsoleSettings) -> Router {
    let settings = Arc::new(settings);
    Router::new()
        .route("/", get(page))
        .route("/workspaces", get(page))
        .route("/workspaces/", get(page))
        .route("/workspaces/{*within}", get(page))
        .route("/assets/{*file}", get(file))
        .route("/favicon.svg", get(file))
        .route("/console.json", get(description))
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(Console { files, settings: Arc::clone(&settings) })
        .layer(from_fn_with_state(settings, headers::add))
}

async fn page(State(console): State<Console>, uri: Uri, request: HeaderMap) -> Response {
    match pages::find(console.files, uri.path(), console.settings.sign_in.is_some()) {
        Some(page) => serve::file(page, &request),
        None => not_built(),
    }
}

async fn file(State(console): State<Console>, uri: Uri, request: HeaderMap) -> Response {
    match files::find(console.files, uri.path()) {
        Some(file) => serve::file(file, &request),
        // Not the page: a browser would take it for the script or the style sheet that it requested.
        None => {
            text(StatusCode::NOT_FOUND, "there is no such file; if a newer version was deployed, reload the page\n")
        }
    }
}

/// The document that the console requests first.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Description<'a> {
    version: &'static str,
    sign_in: Option<&'a SignIn>,
    try_it: bool,
}

async fn description(State(console): State<Console>) -> Response {
    let settings = &console.settings;
    let description =
        Description { version: env!("CARGO_PKG_VERSION"), sign_in: settings.sign_in.as_ref(), try_it: settings.try_it };
    ([(header::CACHE_CONTROL, "no-store")], Json(description)).into_response()
}

fn not_built() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    (StatusCode::SERVICE_UNAVAILABLE, headers, include_str!("not_built.html")).into_response()
}

async fn method_not_allowed(method: Method, uri: Uri) -> Response {
    let message = format!("{method} is not possible at {}; the Allow header names what is\n", uri.path());
    text(StatusCode::METHOD_NOT_ALLOWED, message)
}

fn text(status: StatusCode, message: impl Into<String>) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], message.into()).into_response()
}

#[cfg(test)]
mod tests;
