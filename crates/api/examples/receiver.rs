//! A receiver that takes only what is signed: the one that docs/receivers.md shows.

use std::sync::Arc;

use axum::extract::{OriginalUri, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::{Router, routing::get};
use standardwebhooks::Webhook;

async fn only_if_signed(
    State(webhook): State<Arc<Webhook>>,
    OriginalUri(uri): OriginalUri,
    request: Request,
    next: Next,
) -> Response {
    let target = uri.path_and_query().map_or("/", |it| it.as_str());
    match webhook.verify(target.as_bytes(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(_) => StatusCode::UNAUTHORIZED.into_response(),
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let webhook = Arc::new(Webhook::new(&std::env::var("WEBHOOK_SECRET")?)?);
    let receiver = Router::new()
        .route("/instanceCreated", get(|| async { StatusCode::NO_CONTENT }))
        .layer(from_fn_with_state(webhook, only_if_signed));
    let port: u16 = std::env::var("PORT")?.parse()?;
    Ok(axum::serve(tokio::net::TcpListener::bind(("127.0.0.1", port)).await?, receiver).await?)
}
