//! Lambda: API Gateway → the built console.

use console_assets::{ConsoleSettings, is_built, router};
use lambda_http::run;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    webhooks_logging::start();
    if !is_built() {
        tracing::error!("the console is not built into this function, and its page says so: `make build` builds both");
    }
    run(router(ConsoleSettings::from_env()?)).await.map_err(anyhow::Error::from_boxed)
}
