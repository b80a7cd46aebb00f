//! Serves the built console, and tells it how people sign in.
//!
//! The files of `console/dist` are compiled in, compressed at build time: neither API Gateway nor Lambda compresses, and a
//! cold start has no time to. The same router runs in the console function and in the local program.

mod encoding;
mod files;
mod headers;
mod origins;
mod router;
mod serve;
mod settings;
mod sign_in;

pub use origins::{InvalidOrigin, Origins};
pub use router::{is_built, router};
pub use settings::{ConsoleSettings, InvalidSetting};
pub use sign_in::{InvalidScope, SignIn, TokenKind, scope};
