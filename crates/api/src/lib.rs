#![doc = include_str!("../README.md")]

mod access;
mod audit;
mod body;
mod bulk_replay;
mod callbacks;
mod callbacks_input;
mod caller;
mod deliveries;
mod delivery_body;
mod document;
mod dry_run;
mod egress;
mod endpoint_body;
mod endpoint_secret;
mod endpoints;
mod entity_tag;
mod erase;
mod filter;
mod fleet;
mod fleet_body;
mod grants;
mod headers;
mod health;
mod instance_stream;
mod json_integer;
mod json_object;
mod listed;
mod note;
mod overlap;
mod path;
mod precondition;
mod problem;
mod query;
mod replacing;
mod replay;
mod request_body;
mod schema;
mod secret_headers_input;
mod security;
mod settings;
mod settings_input;
mod signing_secret;
mod statistics;
mod statistics_body;
mod subscription_input;
mod test_call;
mod waking;

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::http::{HeaderValue, Method, Uri, header};
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use callbacks_input::CallbacksInput;
pub use egress::EgressAddresses;
pub use instance_stream::{InstanceStream, StreamPlace};
pub use problem::{LineProblem, Problem, ProblemType};
use webhooks_engine::sender::Sender;
use webhooks_engine::wake_up::WakeUps;
use webhooks_model::access::AccessSettings;
use webhooks_model::audit::{Actor, Author};
use webhooks_model::world::World;
use webhooks_store::{
    AuditStore, BulkReplaysStore, CallbacksStore, DeliveriesStore, EndpointsStore, FleetStore, SecretsStore,
    TestCallsStore,
};

/// State shared by the handlers.
#[derive(Clone, Debug)]
pub struct ApiState {
    /// Store of the callbacks.
    pub callbacks: CallbacksStore,
    /// Store of the endpoints.
    pub endpoints: EndpointsStore,
    /// List of all workspaces.
    pub fleet: FleetStore,
    /// Store of the keys of signing secrets.
    pub secrets: SecretsStore,
    /// Store of the audit entries.
    pub audit: AuditStore,
    /// Counters of the test calls.
    pub test_calls: TestCallsStore,
    /// Locks of the bulk replays.
    pub bulk_replays: BulkReplaysStore,
    /// Store of the deliveries.
    pub deliveries: DeliveriesStore,
    /// Stream of the instance table.
    pub instance_stream: InstanceStream,
    /// Queue of the wake-ups.
    pub wake_ups: WakeUps,
    /// HTTP client of the test calls.
    pub sender: Arc<Sender>,
    /// Public addresses that callbacks come from.
    pub egress_addresses: EgressAddresses,
    /// Names of groups and claims.
    pub access: Arc<AccessSettings>,
    /// Source of time and randomness.
    pub world: Arc<dyn World>,
}

impl ApiState {
    /// Returns `actor` as the author of a change that is made now.
    fn author<'a>(&'a self, actor: &'a Actor) -> Author<'a> {
        Author { actor, world: &*self.world }
    }
}

#[derive(OpenApi)]
#[openapi(
    // A schema of parameters alone is not found by itself.
    components(schemas(schema::Subject)),
    info(
        title = "Instance Webhooks",
        description = "Configures the URLs to call when a process instance is created, updated or deleted, shows the log of the \
            deliveries, and replays them.\n\n\
            Every error is an `application/problem+json` document (RFC 9457) with a stable `type`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    tags(
        (name = "callbacks", description = "URLs to call for each event type"),
        (name = "endpoints", description = "Health, settings and backlog of each URL"),
        (name = "deliveries", description = "Log of the deliveries, and replays"),
        (name = "signing secret", description = "Secret with which each endpoint's receiver verifies a request's signature"),
        (name = "audit", description = "Log of the changes of settings"),
        (name = "workspaces", description = "All workspaces of the deployment, for operators"),
        (name = "caller", description = "The caller and its permissions"),
        (name = "service", description = "Health and OpenAPI document of the service"),
    ),
)]
struct Document;

static OPENAPI: LazyLock<String> = LazyLock::new(|| {
    let mut document = documented().into_openapi();
    document::complete(&mut document);
    security::describe(&mut document);
    // Cannot fail: the document has maps with text keys and plain values only.
    document.to_pretty_json().map(|json| json + "\n").unwrap_or_default()
});

/// The OpenAPI document as JSON.
pub fn openapi() -> &'static str {
    &OPENAPI
}

/// Returns all routes as a service. The server has to put the caller's [`Claims`](webhooks_model::access::Claims) into
/// each request's extensions; a request without them is rejected.
pub fn router(state: ApiState) -> Router {
    let (router, _) = documented().split_for_parts();
    let check = from_fn_with_state(Arc::clone(&state.access), access::check);
    let router = router.fallback(not_found).method_not_allowed_fallback(method_not_allowed).with_state(state);
    router.layer(from_fn(entity_tag::add)).layer(check).layer(map_response(headers::add))
}

fn documented() -> OpenApiRouter<ApiState> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(callbacks::get_all, callbacks::put_all, callbacks::delete_all))
        .routes(routes!(callbacks::get_one, callbacks::put_one, callbacks::delete_one))
        .routes(routes!(test_call::test_callbacks))
        .routes(routes!(endpoints::list_endpoints))
        .routes(routes!(endpoints::get_endpoint, endpoints::patch_endpoint))
        .routes(routes!(endpoints::resume_endpoint))
        .routes(routes!(dry_run::dry_run_endpoint))
        .routes(routes!(deliveries::list_deliveries, erase::erase_deliveries))
        .routes(routes!(deliveries::get_delivery))
        .routes(routes!(bulk_replay::replay_deliveries))
        .routes(routes!(replay::replay_delivery))
        .routes(routes!(statistics::get_statistics))
        .routes(routes!(endpoint_secret::get_secret, endpoint_secret::put_secret))
        .routes(routes!(endpoint_secret::rotate_secret))
        .routes(routes!(signing_secret::get_key))
        .routes(routes!(signing_secret::rotate_key))
        .routes(routes!(audit::list_audit))
        .routes(routes!(grants::get_caller))
        .routes(routes!(fleet::list_workspaces))
        .routes(routes!(egress::get_egress_addresses))
        .routes(routes!(health::health))
        .routes(routes!(openapi_json))
}

/// Returns this document
#[utoipa::path(get, path = "/openapi.json", tag = "service", security(()),
    responses((status = 200, description = "The OpenAPI document of this API", body = serde_json::Value)))]
async fn openapi_json() -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], openapi()).into_response()
}

async fn not_found(uri: Uri) -> Problem {
    Problem::new(
        ProblemType::NotFound,
        format!("there is nothing at {}; GET /openapi.json lists what there is", uri.path()),
    )
}

async fn method_not_allowed(method: Method, uri: Uri) -> Problem {
    let detail = format!("{method} is not possible at {}; the Allow header names what is", uri.path());
    Problem::new(ProblemType::MethodNotAllowed, detail)
}
