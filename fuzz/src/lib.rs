//! Fuzz targets: the parsers of foreign input, with arbitrary bytes, and the properties that hold for every input.
//!
//! A target is a function that takes bytes and panics when a property does not hold. `cargo test` runs each on the
//! corpus and on a fixed number of inputs derived from it (`tests/corpus.rs`); `make fuzz` lets libFuzzer search for
//! new ones, guided by coverage. An input that fails goes into `corpus/{target}/` under a name that says what it shows.

#![allow(clippy::unwrap_used, reason = "a target that cannot go on panics: that is how it reports")]

mod address;
mod api_request;
mod callback_url;
mod callbacks_body;
mod certificates;
mod claims;
use webhooks_test_support as dynamodb;
mod ids;
pub mod mutate;
mod request_target;
mod retry_after;
mod rfc3986;
mod stream_batch;
mod subscription;

pub use address::address;
pub use api_request::api_request;
pub use callback_url::callback_url;
pub use callbacks_body::callbacks_body;
pub use certificates::certificates;
pub use claims::claims;
pub use ids::ids;
pub use request_target::request_target;
pub use retry_after::retry_after;
pub use stream_batch::stream_batch;
pub use subscription::subscription;

/// Returns the secret of the example in the Standard Webhooks documentation.
fn credentials() -> webhooks_model::credentials::Credentials {
    webhooks_model::signing::SigningSecrets::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap()).into()
}

/// A target: its name, which is also its corpus's, and the function that runs an input.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 11] = [
    ("address", address),
    ("api_request", api_request),
    ("callback_url", callback_url),
    ("callbacks_body", callbacks_body),
    ("certificates", certificates),
    ("claims", claims),
    ("ids", ids),
    ("request_target", request_target),
    ("retry_after", retry_after),
    ("stream_batch", stream_batch),
    ("subscription", subscription),
];
