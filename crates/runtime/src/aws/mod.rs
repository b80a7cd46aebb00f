//! AWS SDK clients, on rustls and ring.

mod http;

use std::sync::{Arc, LazyLock};

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::SharedCredentialsProvider;
use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_sdk_dynamodb::config::interceptors::InterceptorContext;
use aws_sdk_dynamodb::config::retry::{ClassifyRetry, RetryAction};
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_smithy_http_client::{Builder, tls};

/// Returns the configuration of a program's clients: region and credentials by the SDK's default chain.
pub async fn config() -> SdkConfig {
    aws_config::from_env().http_client(http_client()).load().await
}

/// Returns the configuration of a function's clients: region and credentials from the environment.
///
/// Lambda sets them there ("Defined runtime environment variables", AWS Lambda Developer Guide). The default chain
/// would check it first as well, but its other sources are an eighth of a function's size (docs/adr/0013).
/// `AWS_ENDPOINT_URL` may name an emulator.
///
/// # Errors
/// [`rustls::Error`] if the TLS client cannot be created.
pub fn function_config() -> Result<SdkConfig, rustls::Error> {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http::client()?)
        .credentials_provider(SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new()));
    config.set_region(variable("AWS_REGION").map(Region::new));
    config.set_endpoint_url(variable("AWS_ENDPOINT_URL"));
    Ok(config.build())
}

/// Creates a DynamoDB client.
pub fn dynamodb(config: &SdkConfig) -> aws_sdk_dynamodb::Client {
    let config = aws_sdk_dynamodb::config::Builder::from(config).retry_classifier(RetryTransactionConflicts);
    aws_sdk_dynamodb::Client::from_conf(config.build())
}

/// A client that is made when it is first used.
///
/// For the clients that most calls of a function do not need: to make one, the SDK reads its table of partitions.
pub type LazyClient<C> = Arc<LazyLock<C, Box<dyn FnOnce() -> C + Send>>>;

/// Creates a client that is made by `make` when it is first used.
pub fn lazy<C: 'static>(config: &SdkConfig, make: fn(&SdkConfig) -> C) -> LazyClient<C> {
    let config = config.clone();
    Arc::new(LazyLock::new(Box::new(move || make(&config))))
}

/// Creates the SDK's HTTP client of a program, with the system's roots.
///
/// It uses ring, because the initialization of AWS-LC alone would double a cold start.
pub fn http_client() -> SharedHttpClient {
    Builder::new().tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring)).build_https()
}

/// Retry rule for an update that conflicts with a transaction.
///
/// Without it, an administrator who changes an endpoint would make the fan-out report its records back. The SDK does
/// not retry it by itself.
#[derive(Debug)]
pub struct RetryTransactionConflicts;

impl ClassifyRetry for RetryTransactionConflicts {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let error = context.output_or_error().and_then(|result| result.err());
        let error = error.and_then(|error| error.as_operation_error()?.downcast_ref::<UpdateItemError>());
        match error {
            Some(UpdateItemError::TransactionConflictException(_)) => RetryAction::transient_error(),
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "transactions pass"
    }
}
