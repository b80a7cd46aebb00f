//! OpenAPI schemas of the domain's types, so that the domain does not depend on OpenAPI.

use std::borrow::Cow;

use serde::Serialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use webhooks_model::{access, attempt, audit, delivery, endpoint, event};

/// Schemas of types whose values are names, as `serde` writes them.
macro_rules! names {
    ($(#[doc = $doc:literal] $name:ident: $all:expr;)*) => {$(
        #[doc = $doc]
        pub(super) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                names($doc, &$all)
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }
        }
    )*};
}

names! {
    #[doc = "Change of an instance."]
    EventType: event::EventType::ALL;
    #[doc = "Status of a delivery."]
    Status: delivery::Status::ALL;
    #[doc = "Which of the events that wait for an endpoint are sent."]
    OnBacklog: endpoint::OnBacklog::ALL;
    #[doc = "Reason why a delivery has failed for good."]
    GiveUpReason: delivery::GiveUpReason::ALL;
    #[doc = "Class of failure of an attempt."]
    Reason: attempt::Reason::ALL;
    #[doc = "Permission that a call needs. Administrators and Developers have all of them in their workspaces; a machine client has those that its scopes name."]
    Permission: access::Permission::ALL;
    #[doc = "Kind of a change."]
    Action: audit::Action::ALL;
    #[doc = "Kind of setting that a change concerns."]
    Subject: audit::Subject::ALL;
}

fn names<T: Serialize>(description: &str, all: &[T]) -> RefOr<Schema> {
    let names = all.iter().filter_map(|name| serde_json::to_value(name).ok());
    let schema = ObjectBuilder::new().schema_type(Type::String).description(Some(description));
    schema.enum_values(Some(names)).into()
}

/// One event type's switch and URLs.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is there for its schema")]
pub(super) struct Callback {
    /// Whether this event type's URLs are called.
    enabled: bool,
    /// The URLs, in the order given, each once.
    #[schema(example = json!(["https://my-service.com/instanceCreated"]))]
    urls: Vec<String>,
}

/// Callbacks of all three event types. In a workspace that was never set, all are off and have no URLs.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is there for its schema")]
pub(super) struct Callbacks {
    /// Callbacks for created instances.
    created: Callback,
    /// Callbacks for updated instances.
    updated: Callback,
    /// Callbacks for deleted instances.
    deleted: Callback,
}
