//! Lambda: API Gateway → the API's router.

use lambda_http::run;
use webhooks::api::{self, ApiState};
use webhooks::{aws, logging};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    logging::start();
    let state = ApiState::from_env(&aws::dynamodb(&aws::config().await))?;
    run(api::router(state)).await.map_err(anyhow::Error::from_boxed)
}
