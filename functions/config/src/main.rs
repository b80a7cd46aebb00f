//! Lambda: API Gateway → the API's router.

use lambda_http::run;
use webhooks::api::{self, ApiState};
use webhooks::sender::Sender;
use webhooks::wake_up::WakeUps;
use webhooks::{aws, logging};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    logging::start();
    let config = aws::config().await;
    let state = ApiState::from_env(&aws::dynamodb(&config), WakeUps::from_env(&config)?, Sender::from_env()?)?;
    run(api::router(state)).await.map_err(anyhow::Error::from_boxed)
}
