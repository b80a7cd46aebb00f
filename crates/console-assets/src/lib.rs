//! Serves the built console, and describes the sign-in to it.
//!
//! The files of `console/dist` are compiled in and compressed at build time: neither API Gateway nor Lambda compresses,
//! and a cold start has no time for it. The same router runs in the console function and in the local program.

mod encoding;
mod files;
mod headers;
mod origins;
mod pages;
mod router;
mod serve;
mod settings;
mod sign_in;

pub use origins::{InvalidOrigin, Origins};
pub use router::{is_built, router};
pub use settings::{ConsoleSettings, InvalidSetting};
pub use sign_in::{InvalidScope, SignIn, TokenKind, scope};
