//! AWS SDK clients: one HTTP client on rustls and ring, credentials and region from the environment as usual.

use aws_config::SdkConfig;
use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_smithy_http_client::{Builder, tls};

/// The configuration that every client is built from: the SDK's default chain over [`http_client`].
pub async fn config() -> SdkConfig {
    aws_config::from_env().http_client(http_client()).load().await
}

/// A DynamoDB client.
pub fn dynamodb(config: &SdkConfig) -> aws_sdk_dynamodb::Client {
    aws_sdk_dynamodb::Client::new(config)
}

/// The HTTP client below the SDK. ring, because AWS-LC's start-up alone would double a cold start.
pub fn http_client() -> SharedHttpClient {
    Builder::new().tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring)).build_https()
}
