//! Who calls the API, and what they may do. Pure: what let the caller in (a gateway's authorizer, the local program) hands
//! over [`Claims`], and everything else is decided here, from them, the [`AccessSettings`] and the table of routes.

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
