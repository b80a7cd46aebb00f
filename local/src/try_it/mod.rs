//! "Try it" of the console: instances created by hand, and a receiver for their callbacks. Only in the local program,
//! and no part of the product's API: the paths do not exist on AWS, nor here with an issuer.
//!
//! | call | |
//! |---|---|
//! | `GET /local/instances?limit` | instances of the instance table, the latest change first |
//! | `PUT /local/instances/{instanceID}` | creates one or updates it, from `{"processName", "workspaceID"?, "attributes"?}`; with `If-None-Match: *` only creates |
//! | `DELETE /local/instances/{instanceID}` | deletes it |
//! | any method, `/local/receiver/{anything}` | the receiver: records the request and responds by its present behaviour; `?workspace` is the workspace of the callback, `default` without it |
//! | `GET /local/receiver-log?after&wait&workspace` | requests to the receiver since a state of the log, of a workspace or of all |
//! | `DELETE /local/receiver-log?workspace` | removes these requests |
//! | `PUT /local/receiver-behaviour` | sets the receiver's behaviour |

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

/// Builds the router. At most `most_waiting` requests to the receiver wait at a time, and all end when `stop` is
/// cancelled.
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
