//! Lambda: API Gateway → the API's router.

use lambda_http::{Error, run, tracing};
use webhooks::api::{self, ApiState};
use webhooks::aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let state = ApiState::from_env(&aws::dynamodb(&aws::config().await))?;
    run(api::router(state)).await
}
