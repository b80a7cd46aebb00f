//! Access control of the API. Pure: the authentication (a gateway's authorizer, the local program) provides [`Claims`],
//! and the decision is made here, from them, the [`AccessSettings`] and the table of routes.

mod claims;
mod decision;
mod grants;
mod list;
mod permission;
pub mod routes;
mod settings;

pub use claims::Claims;
pub use decision::Denied;
pub use grants::Grant;
pub use permission::Permission;
pub use settings::{AccessSettings, InvalidName};
