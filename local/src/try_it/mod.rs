//! "Try it" of the console: instances made up by hand, and a receiver to be called back. The local program's alone, and
//! no part of the product's API: there are no such paths on AWS, nor here once an issuer says who may call.
//!
//! | call | |
//! |---|---|
//! | `GET /local/instances?limit` | instances of the instance table, the latest change first |
//! | `PUT /local/instances/{instanceID}` | creates one or updates it, from `{"processName", "workspaceID"?, "attributes"?}` |
//! | `DELETE /local/instances/{instanceID}` | deletes it |
//! | any method, `/local/receiver/{anything}` | the receiver: notes the request and answers as it is told to |
//! | `GET /local/receiver-log?after&wait` | what came to it, since a state of the log |
//! | `DELETE /local/receiver-log` | forgets that |
//! | `PUT /local/receiver-behaviour` | how it answers from now on |

mod behaviour;
mod body;
mod instances;
mod log;
mod query;
mod receiver;

use axum::Router;
use axum::http::{Method, Uri};
use axum::routing::{any, get, put};
pub(crate) use instances::Instances;

use receiver::Receiver;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use webhooks_api::{Problem, ProblemType};

/// The paths. Of requests to the receiver, `most_waiting` wait at a time, and all are let go when `stop` is cancelled.
pub(crate) fn router(instances: Instances, most_waiting: usize, stop: CancellationToken) -> Router {
    let receiver = Arc::new(Receiver::new(most_waiting, stop));
    let instances = Router::new()
        .route("/local/instances", get(instances::list))
        .route("/local/instances/{instance}", put(instances::put).delete(instances::delete))
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(Arc::new(instances));
    let receiver = Router::new()
        .route("/local/receiver", any(receiver::called))
        .route("/local/receiver/", any(receiver::called))
        .route("/local/receiver/{*path}", any(receiver::called))
        .route("/local/receiver-log", get(receiver::log).delete(receiver::clear))
        .route("/local/receiver-behaviour", put(receiver::behave))
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(receiver);
    instances.merge(receiver)
}

async fn method_not_allowed(method: Method, uri: Uri) -> Problem {
    let detail = format!("{method} is not possible at {}; the Allow header names what is", uri.path());
    Problem::new(ProblemType::MethodNotAllowed, detail)
}
