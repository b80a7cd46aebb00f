//! Lambda: API Gateway → the API's router.

mod claims;
mod path;

use axum::extract::Request;
use axum::middleware::map_request;
use lambda_http::lambda_runtime::run;
use lambda_http::tower::ServiceBuilder;
use lambda_http::{Adapter, RequestExt as _};
use webhooks_api::{ApiState, InstanceStream};
use webhooks_engine::sender::Sender;
use webhooks_engine::wake_up::WakeUps;
use webhooks_runtime::aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    webhooks_logging::start();
    let config = aws::function_config()?;
    let (wake_ups, stream) = (WakeUps::from_env(&config)?, InstanceStream::from_env(config.clone())?);
    let state = ApiState::from_env(&aws::dynamodb(&config), stream, wake_ups, Sender::from_env()?)?;
    let router = webhooks_api::router(state).layer(map_request(with_claims));
    let service = ServiceBuilder::new().map_request(path::encoded).service(Adapter::from(router));
    run(service).await.map_err(anyhow::Error::from_boxed)
}

/// Adds the caller's verified claims to the request. Without claims the router rejects the request.
async fn with_claims(mut request: Request) -> Request {
    if let Some(claims) = request.request_context_ref().and_then(claims::of) {
        request.extensions_mut().insert(claims);
    }
    request
}
