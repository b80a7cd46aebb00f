//! The console's settings from the command line.

use crate::Arguments;
use console_assets::{ConsoleSettings, Origins, SignIn, TokenKind};

/// Returns the console's settings. The page may connect to the issuer besides this program; the issuer's own documents
/// add its token endpoint to `connect` later.
pub(crate) fn settings(arguments: &Arguments, connect: Origins) -> ConsoleSettings {
    let sign_in = arguments.issuer.as_ref().map(|issuer| SignIn {
        issuer: issuer.clone(),
        client_id: arguments.client_id.clone(),
        scope: arguments.scope.clone(),
        token: TokenKind::accepted(arguments.client_id.as_deref(), &arguments.audience),
        logout_url: None,
    });
    // TLS, if there is any, ends at a proxy before this program.
    let try_it = sign_in.is_none();
    ConsoleSettings { sign_in, connect, try_it, https_only: false }
}

/// Logs once, at the start, that this build has no console.
pub(crate) fn warn_if_not_built() {
    if !console_assets::is_built() {
        tracing::warn!("the console is not built, and its page says so: `make run` builds it");
    }
}
